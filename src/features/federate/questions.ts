import type {Cluster} from '../../engine/cluster/cluster.ts'
import {contextsOf, type Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import {messageOf} from '../../errors.ts'
import {type MeshMember, resolveMember} from '../../mesh/members.ts'
import {primaryAmong, withRoles} from '../../mesh/primary-remote.ts'
import {readFederationFacts} from '../../mesh/read.ts'
import {primaryOf} from '../../mesh/spec-primary-remote.ts'
import {sameRoot} from '../../pki/read.ts'
import type {Raw} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {apiServerUrl, isLoopback, labelValue} from '../../spec/texts.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askChoice, askMany, askText, askYes} from '../../terminal/prompts.ts'
import {rootOf} from './preflight/checks-roots.ts'
import {type Federation, federationFields} from './spec.ts'

type RawFederation = RawSpec<typeof federationFields>

/** What the questions may do: talk, look at clusters, and make a root where that is the answer. */
export interface Asker {
  terminal: Terminal
  kubeconfig: Kubeconfig
  /** With a limit in milliseconds for each request, where one is given. */
  connect: (context: string, requestTimeout?: number) => Promise<Cluster>
  /** Makes a root CA in a new folder and gives its path. */
  makeRoot: () => Promise<string>
}

/** A cluster that takes longer than this to answer is shown as not reachable. */
const lookTimeoutMs = 5000

/**
 * Asks for what a federation lacks, with what was found as default and a word of why; what was said is not asked again.
 * Returns the same object when there was nothing to ask.
 */
export async function askFederation(raw: RawFederation, asker: Asker): Promise<RawFederation> {
  let answered = raw
  if (raw.contexts === undefined) {
    answered = {...answered, contexts: await askContexts(raw, asker)}
  }
  const first = readSpec(federationFields, answered)
  if (first.mode === 'primary-remote' && raw.primary === undefined && first.contexts.length > 1)
    answered = {...answered, primary: await askPrimary(first, asker)}
  const spec = readSpec(federationFields, answered)
  const all = await readQuietly(spec, asker)
  answered = {...answered, ...(await askNetworks(raw, spec, all, asker))}
  answered = {...answered, ...(await askControlPlane(raw, all, asker))}
  answered = {...answered, ...(await askCa(raw, all, asker))}
  answered = {...answered, ...(await askServers(raw, spec, all, asker))}
  return Object.keys(answered).length === Object.keys(raw).length ? raw : answered
}

/** Each context with what a look at it tells; one that does not answer can't be picked. */
async function askContexts(raw: RawFederation, asker: Asker): Promise<string[]> {
  const {kubeconfig} = asker
  const choices = await Promise.all(
    contextsOf(kubeconfig).map(async ({context: name, server}) => {
      try {
        const {systemNamespace, revision} = raw
        const spec = readSpec(federationFields, {contexts: [name], systemNamespace, revision})
        const facts = await readFederationFacts(await asker.connect(name, lookTimeoutMs), spec)
        const member = resolveMember(spec, name, facts)
        const istio = member.controlPlane ? `Istio ${member.controlPlane.version ?? '(version unknown)'}` : 'no Istio'
        const network = member.controlPlane?.network ? `network ${member.controlPlane.network}` : 'no network yet'
        return {name: `${name}   ${server}   ${istio}, ${network}`, value: name}
      } catch (error) {
        return {name: `${name}   ${server}`, value: name, disabled: `not reachable: ${messageOf(error)}`}
      }
    }),
  )
  return askMany(asker.terminal, 'Which clusters become one mesh?', choices, 2)
}

/** A remote that has joined before carries its network on its namespace. */
function isKnownRemote({primary, facts}: MeshMember): boolean {
  return primary !== undefined && facts?.namespace?.metadata.labels?.[networkLabel] !== undefined
}

/** What an earlier run noted is not asked again; else the first that runs a control plane is what most would take. */
async function askPrimary(spec: Federation, asker: Asker): Promise<string> {
  // nobody is whose remote yet, but for what was noted
  const all = await readQuietly({...spec, mode: 'multi-primary'}, asker)
  const known = primaryAmong(withRoles(all))
  if (known) return known.context
  const having = all.filter(({controlPlane}) => controlPlane).map(({context}) => context)
  const choices = [...spec.contexts].sort((a, b) => Number(having.includes(b)) - Number(having.includes(a)))
  return askChoice(
    asker.terminal,
    'Whose control plane serves all of them?',
    choices.map(context => ({
      name: `${context}   ${having.includes(context) ? 'runs an istiod' : 'no Istio yet'}`,
      value: context,
    })),
  )
}

/** What does not answer is told by the command itself, for all clusters at once. */
async function readQuietly(spec: Federation, asker: Asker): Promise<MeshMember[]> {
  const all = await Promise.all(
    spec.contexts.map(async context => {
      try {
        return resolveMember(spec, context, await readFederationFacts(await asker.connect(context), spec))
      } catch {
        return undefined
      }
    }),
  )
  return all.filter(member => member !== undefined)
}

async function askNetworks(
  raw: RawFederation,
  spec: Federation,
  all: readonly MeshMember[],
  asker: Asker,
): Promise<RawFederation> {
  if (raw.network !== undefined || raw.singleNetwork !== undefined || all.length < 2) return {}
  const network: Record<string, string> = {}
  const [one, other] = all
  const flat =
    spec.mode !== 'gateways' &&
    (await askYes(
      asker.terminal,
      `Are their pods on one flat network? (a pod in ${one!.cluster} reaches a pod IP in ${other!.cluster})`,
    ))
  if (flat) return {singleNetwork: true}
  for (const member of all) {
    if (member.controlPlane?.network !== undefined || isKnownRemote(member)) continue
    const name = await askText(asker.terminal, {
      message: `Name of ${member.cluster}'s network (endpoints carry it; anything unique)`,
      fallback: member.network,
      check: labelValue,
    })
    if (name !== resolveMember(spec, member.context, member.facts).network) network[member.context] = name
  }
  return Object.keys(network).length > 0 ? {network} : {}
}

/** A remote is nothing without what makes it ask its primary, and that can be made here. */
async function askControlPlane(raw: RawFederation, all: readonly MeshMember[], asker: Asker): Promise<RawFederation> {
  const lacking = all.filter(({primary, facts}) => primary !== undefined && !facts?.primaryRemote?.injector)
  if (raw.controlPlane !== undefined || lacking.length === 0) return {}
  const names = lacking.map(({cluster}) => cluster).join(', ')
  const controlPlane = await askChoice(
    asker.terminal,
    `Nothing in ${names} asks for sidecars yet. What is to make that, and an istiod where none fits?`,
    [
      {name: 'istioctl   (the one in PATH; --istioctl names another)', value: 'istioctl'},
      {name: 'helm       (chart istio/istiod; --chart names another)', value: 'helm'},
      {name: 'sail       (its operator runs there)', value: 'sail'},
      {name: 'nothing    (told is what to do by hand)', value: 'keep'},
    ],
  )
  return {controlPlane}
}

async function askCa(raw: RawFederation, all: readonly MeshMember[], asker: Asker): Promise<RawFederation> {
  // a remote gets the root of its primary
  const roots = all.filter(({primary}) => primary === undefined).map(rootOf)
  const first = roots[0]
  if (
    raw.caDir !== undefined ||
    roots.length < 2 ||
    roots.every(root => root && first && sameRoot(root.pem, first.pem))
  )
    return {}
  const choice = await askChoice(asker.terminal, 'All clusters need one root CA, and these have different ones.', [
    {name: 'make a root here and an intermediate for each   (writes ./mesh-ca, keep it safe)', value: 'make'},
    {name: 'use the folder of an earlier `kubectl mesh ca init`', value: 'folder'},
  ])
  if (choice === 'folder') return {caDir: await askText(asker.terminal, {message: 'The folder', fallback: 'mesh-ca'})}
  return {caDir: await asker.makeRoot()}
}

async function askServers(
  raw: RawFederation,
  spec: Federation,
  all: readonly MeshMember[],
  asker: Asker,
): Promise<RawFederation> {
  const server: Record<string, Raw> = {}
  if (spec.mode === 'gateways') return {}
  for (const {context, cluster, server: found} of all) {
    if (found === undefined || spec.server[context] !== undefined || !isLoopback(found)) continue
    if (context === primaryOf(spec)) continue
    server[context] = await askText(asker.terminal, {
      message: `At which address do the other clusters reach ${cluster}'s API server? (${found} is a loopback address)`,
      check: apiServerUrl,
    })
  }
  return Object.keys(server).length > 0 ? {server: {...(raw.server as object), ...server}} : {}
}
