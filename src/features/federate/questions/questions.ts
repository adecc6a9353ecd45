import {networkLabel} from '../../../engine/kubernetes/labels.ts'
import type {FederationFacts} from '../../../mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../../mesh/members.ts'
import {primaryAmong, withRoles} from '../../../mesh/primary-remote.ts'
import {primaryOf} from '../../../mesh/spec-primary-remote.ts'
import type {Raw} from '../../../spec/field.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {apiServerUrl, isLoopback, labelValue} from '../../../spec/texts.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askChoice, askText, askYes} from '../../../terminal/prompts.ts'
import {type Federation, federationFields} from '../spec.ts'
import {controlPlaneFields} from '../spec-control-plane.ts'
import {askCa} from './questions-ca.ts'
import {askInstall, lackingIstio} from './questions-install.ts'
import {askClusterNames} from './questions-names.ts'

type RawFederation = RawSpec<typeof federationFields>

/** What the other questions need from outside. */
export interface Asker {
  terminal: Terminal
  /** What was read from the clusters, by context. */
  facts: ReadonlyMap<string, FederationFacts>
}

/** What a question depends on. */
interface Known {
  /** The input and the answers so far. */
  raw: RawFederation
  spec: Federation
  /** The clusters of the run. */
  all: readonly MeshMember[]
}

/** Asks for fields that are missing, and returns the answers. */
type Question = (known: Known, asker: Asker) => Promise<RawFederation>

/** The questions after clusters and roles are known. */
const questions: readonly Question[] = [askNames, askNetworks, askRoot, askServers]

/**
 * Asks for what a federation needs and the input lacks, with defaults found in the clusters.
 *
 * @returns the input with the answers; the same object if there was nothing to ask
 */
export async function askFederation(raw: RawFederation, asker: Asker): Promise<RawFederation> {
  let answered = raw
  const first = readKnown(answered)
  if (first.mode === 'primary-remote' && raw.primary === undefined && first.contexts.length > 1)
    answered = {...answered, primary: await askPrimary(first, asker)}
  const lacking = lackingIstio(membersOf(readKnown(answered), asker))
  if (raw.controlPlane === undefined && lacking.length > 0) {
    const controlPlane = await askInstall(lacking, textIn(raw.istioctl), asker.terminal)
    answered = {...answered, controlPlane}
    // The preflight shows how to install it.
    if (controlPlane === 'keep') return answered
  }
  for (const ask of questions) {
    const spec = readKnown(answered)
    answered = {...answered, ...(await ask({raw: answered, spec, all: membersOf(spec, asker)}, asker))}
  }
  return Object.keys(answered).length === Object.keys(raw).length ? raw : answered
}

function textIn(raw: Raw): string | undefined {
  return typeof raw === 'string' ? raw : undefined
}

async function askNames({spec, all}: Known, {terminal}: Asker): Promise<RawFederation> {
  const answers = await askClusterNames(all, spec.clusterName, terminal)
  if (Object.keys(answers).length === 0) return {}
  return {clusterName: {...spec.clusterName, ...answers}}
}

function askRoot({raw, all}: Known, {terminal}: Asker): Promise<RawFederation> {
  return askCa(raw, all, terminal)
}

/**
 * Reads the input without the fields for control planes. Whether they have an effect depends on a question that comes
 * later.
 */
function readKnown(raw: RawFederation): Federation {
  const known = Object.entries(raw).filter(([name]) => !(name in controlPlaneFields))
  return readSpec(federationFields, Object.fromEntries(known) as RawFederation)
}

/** Asks only if no record has a primary. Clusters with a control plane come first. */
async function askPrimary(spec: Federation, asker: Asker): Promise<string> {
  // In another mode, members have no role yet, so that `withRoles` finds only the recorded ones.
  const all = membersOf({...spec, mode: 'multi-primary'}, asker)
  const recorded = primaryAmong(withRoles(all))
  if (recorded) return recorded.context
  const withIstiod = all.filter(({controlPlane}) => controlPlane).map(({context}) => context)
  const contexts = [...spec.contexts].sort((a, b) => Number(withIstiod.includes(b)) - Number(withIstiod.includes(a)))
  return askChoice(
    asker.terminal,
    'Which cluster should run the control plane?',
    contexts.map(context => ({
      name: `${context}   ${withIstiod.includes(context) ? 'runs an istiod' : 'no Istio yet'}`,
      value: context,
    })),
  )
}

function membersOf(spec: Federation, {facts}: Asker): MeshMember[] {
  return spec.contexts.map(context => resolveMember(spec, context, facts.get(context)))
}

async function askNetworks({raw, spec, all}: Known, asker: Asker): Promise<RawFederation> {
  const [one, other] = all
  if (raw.network !== undefined || raw.singleNetwork !== undefined || !one || !other) return {}
  if (spec.mode !== 'gateways' && (await askSingleNetwork(one, other, asker))) return {singleNetwork: true}
  const network: Record<string, string> = {}
  for (const member of all.filter(lacksNetwork)) {
    const others = all.filter(one => one !== member).map(one => network[one.context] ?? one.network)
    const name = await askText(asker.terminal, {
      message: `Which network should ${member.cluster} have? (any unique name)`,
      fallback: member.network,
      check: text => labelValue(text) ?? (others.includes(text) ? 'is the network of another cluster' : undefined),
    })
    if (name !== resolveMember(spec, member.context, member.facts).network) network[member.context] = name
  }
  return Object.keys(network).length > 0 ? {network} : {}
}

function askSingleNetwork(one: MeshMember, other: MeshMember, {terminal}: Asker): Promise<boolean> {
  return askYes(terminal, `Can pods in ${one.cluster} reach pod IPs in ${other.cluster} directly?`)
}

/** A control plane has a network, or the namespace of a remote that joined before. One that is installed gets the default. */
function lacksNetwork({primary, facts, controlPlane}: MeshMember): boolean {
  if (primary === undefined && controlPlane === undefined) return false
  const isKnownRemote = primary !== undefined && facts?.namespace?.metadata.labels?.[networkLabel] !== undefined
  return controlPlane?.network === undefined && !isKnownRemote
}

/** Returns that a URL is already that of another cluster, as the check of an answer. */
function takenBy(url: string, servers: Readonly<Record<string, Raw>>, all: readonly MeshMember[]): string | undefined {
  const other = all.find(({context}) => servers[context] === url)
  return other && `is the address of ${other.cluster}`
}

async function askServers({raw, spec, all}: Known, {terminal}: Asker): Promise<RawFederation> {
  if (spec.mode === 'gateways') return {}
  const server: Record<string, Raw> = {}
  const asked = all.filter(
    ({context, server: found}) =>
      found !== undefined && spec.server[context] === undefined && isLoopback(found) && context !== primaryOf(spec),
  )
  if (asked.length > 0) {
    const names = asked.map(({cluster}) => cluster).join(', ')
    terminal.message(`The kubeconfig has only a loopback address for the API server of ${names}.`)
  }
  for (const {context, cluster} of asked) {
    const url = await askText(terminal, {
      message: `At which URL can the other clusters reach the API server of ${cluster}?`,
      check: text => apiServerUrl(text) ?? takenBy(text, {...spec.server, ...server}, all),
    })
    server[context] = url
    if (isLoopback(url))
      terminal.message(
        `warning: a loopback address works only for an istiod that runs on the same host as this API server`,
      )
  }
  return Object.keys(server).length > 0 ? {server: {...(raw.server as object), ...server}} : {}
}
