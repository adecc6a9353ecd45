import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextsOf, type Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import {messageOf} from '../../errors.ts'
import {rootOf} from '../../mesh/ca/root.ts'
import type {FederationFacts} from '../../mesh/facts.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {primaryAmong, withRoles} from '../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {primaryOf} from '../../mesh/spec-primary-remote.ts'
import {sameRoot} from '../../pki/read.ts'
import {parseContextReference} from '../../spec/context-ref.ts'
import type {Raw} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {apiServerUrl, isLoopback, labelValue} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askMany, askText, askYes, type Choice} from '../../terminal/prompts.ts'
import {type Federation, federationFields} from './spec.ts'
import {controlPlaneFields} from './spec-control-plane.ts'

type RawFederation = RawSpec<typeof federationFields>

/** What the question for contexts needs from outside. */
export interface ContextAsker {
  terminal: Terminal
  kubeconfig: Kubeconfig
  /** @param requestTimeout limit for each request, in milliseconds */
  connect: (context: string, requestTimeout: number) => Promise<Cluster>
}

/** What the other questions need from outside. */
export interface Asker {
  terminal: Terminal
  /** What was read from the clusters, by context. */
  facts: ReadonlyMap<string, FederationFacts>
  /** Creates a root CA in a new folder, and returns the path of the folder. */
  createRoot: () => Promise<string>
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

/** A cluster that takes longer than this to respond is shown as not reachable. In milliseconds. */
const listTimeoutMs = 5000

/** The questions after clusters and roles are known. */
const questions: readonly Question[] = [askNetworks, askControlPlane, askCa, askServers]

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
  const spec = readKnown(answered)
  const all = membersOf(spec, asker)
  for (const ask of questions) answered = {...answered, ...(await ask({raw: answered, spec, all}, asker))}
  return Object.keys(answered).length === Object.keys(raw).length ? raw : answered
}

/**
 * Reads the input without the fields for control planes. Whether they have an effect depends on a question that comes
 * later.
 */
function readKnown(raw: RawFederation): Federation {
  const known = Object.entries(raw).filter(([name]) => !(name in controlPlaneFields))
  return readSpec(federationFields, Object.fromEntries(known) as RawFederation)
}

/** Asks for the contexts of the clusters that join. */
export async function askContexts(raw: RawFederation, asker: ContextAsker): Promise<string[]> {
  const choices = await Promise.all(
    contextsOf(asker.kubeconfig).map(({context, server}) => contextChoice(raw, context, server, asker)),
  )
  const more = {name: 'clusters in other kubeconfig files', value: ''}
  const answer = await askMany(asker.terminal, 'Which clusters should join the mesh?', [...choices, more], 2)
  const contexts = answer.filter(context => context !== more.value)
  return contexts.length === answer.length ? contexts : [...contexts, ...(await askReferences(asker.terminal))]
}

async function askReferences(terminal: Terminal): Promise<string[]> {
  const partsOf = (text: string) => text.split(',').map(part => part.trim())
  const text = await askText(terminal, {
    message: 'Which clusters in other files? (NAME=FILE or NAME=FILE#CONTEXT, separated by commas)',
    check: answer => (partsOf(answer).every(parseContextReference) ? undefined : 'is not NAME=FILE,NAME=FILE'),
  })
  return partsOf(text)
}

/** A context with the state of its cluster. A cluster that does not respond cannot be selected. */
async function contextChoice(
  raw: RawFederation,
  context: string,
  server: string,
  asker: ContextAsker,
): Promise<Choice> {
  try {
    const {systemNamespace, revision} = raw
    const spec = readSpec(federationFields, {contexts: [context], systemNamespace, revision})
    const facts = await readFederationFacts(await asker.connect(context, listTimeoutMs), spec)
    const {controlPlane} = resolveMember(spec, context, facts)
    const istio = controlPlane ? `Istio ${controlPlane.version ?? '(version unknown)'}` : 'no Istio'
    const network = controlPlane?.network ? `network ${controlPlane.network}` : 'no network yet'
    return {name: `${context}   ${server}   ${istio}, ${network}`, value: context}
  } catch (error) {
    return {name: `${context}   ${server}`, value: context, disabled: `not reachable: ${messageOf(error)}`}
  }
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
    const name = await askText(asker.terminal, {
      message: `Which network should ${member.cluster} have? (any unique name)`,
      fallback: member.network,
      check: labelValue,
    })
    if (name !== resolveMember(spec, member.context, member.facts).network) network[member.context] = name
  }
  return Object.keys(network).length > 0 ? {network} : {}
}

function askSingleNetwork(one: MeshMember, other: MeshMember, {terminal}: Asker): Promise<boolean> {
  return askYes(terminal, `Can pods in ${one.cluster} reach pod IPs in ${other.cluster} directly?`)
}

/** A control plane has a network, or the namespace of a remote that joined before. */
function lacksNetwork({primary, facts, controlPlane}: MeshMember): boolean {
  const isKnownRemote = primary !== undefined && facts?.namespace?.metadata.labels?.[networkLabel] !== undefined
  return controlPlane?.network === undefined && !isKnownRemote
}

/** Asks only if a remote lacks its injection webhook, which the same tool can install. */
async function askControlPlane({raw, all}: Known, {terminal}: Asker): Promise<RawFederation> {
  const lacking = all.filter(({primary, facts}) => primary !== undefined && !facts?.primaryRemote?.injector)
  if (raw.controlPlane !== undefined || lacking.length === 0) return {}
  const names = lacking.map(({cluster}) => cluster).join(', ')
  const controlPlane = await askChoice(
    terminal,
    `Which tool should install sidecar injection in ${names}, and istiod in the primary if it does not match?`,
    [
      {name: 'istioctl   (from PATH; --istioctl specifies another)', value: 'istioctl'},
      {name: 'helm       (chart istio/istiod; --chart specifies another)', value: 'helm'},
      {name: 'sail       (requires the Sail operator)', value: 'sail'},
      {name: 'none       (prints what to install)', value: 'keep'},
    ],
  )
  return {controlPlane}
}

async function askCa({raw, all}: Known, asker: Asker): Promise<RawFederation> {
  // A remote gets the root of its primary.
  const signing = all.filter(({primary}) => primary === undefined)
  // A folder has no effect where another CA signs; the preflight reports different roots.
  if (signing.some(({controlPlane}) => controlPlane?.externalCa !== undefined)) return {}
  const roots = signing.map(rootOf)
  const [first] = roots
  const isOneRoot = roots.every(root => root && first && sameRoot(root.pem, first.pem))
  if (raw.caDir !== undefined || roots.length < 2 || isOneRoot) return {}
  const choice = await askChoice(asker.terminal, 'The clusters need one root CA. Which one should they have?', [
    {name: 'a new root CA   (creates the folder ./mesh-ca with its private key; keep it safe)', value: 'create'},
    {name: 'the root CA of an existing folder from `kubectl mesh ca init`', value: 'folder'},
  ])
  if (choice === 'create') return {caDir: await asker.createRoot()}
  return {caDir: await askText(asker.terminal, {message: 'Path of the CA folder:', fallback: 'mesh-ca'})}
}

async function askServers({raw, spec, all}: Known, {terminal}: Asker): Promise<RawFederation> {
  if (spec.mode === 'gateways') return {}
  const server: Record<string, Raw> = {}
  for (const {context, cluster, server: found} of all) {
    if (found === undefined || spec.server[context] !== undefined || !isLoopback(found)) continue
    if (context === primaryOf(spec)) continue
    server[context] = await askText(terminal, {
      message: `At which URL can the other clusters reach the API server of ${cluster}? (${found} is a loopback address)`,
      check: apiServerUrl,
    })
  }
  return Object.keys(server).length > 0 ? {server: {...(raw.server as object), ...server}} : {}
}
