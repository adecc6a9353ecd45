import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Asker} from '../../run/ask-missing.ts'
import {connect} from '../../run/run.ts'
import {commonFields} from '../../spec/common-fields.ts'
import {parseContextReference} from '../../spec/context-ref.ts'
import type {Raw} from '../../spec/field.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {startProgress} from '../../terminal/output/progress.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askMany, askText, type Choice} from '../../terminal/prompts.ts'
import {padTo, widthOf} from '../../text/width.ts'
import {resolveMember} from '../members.ts'
import {readFederationFacts} from '../read.ts'
import {joinedServers, meshOf} from './links.ts'
import {type ContextReader, type ReadContext, readContexts} from './read.ts'
import {hiddenContextLines, shownContext} from './report-hidden.ts'

const {contexts, systemNamespace, revision, clusterName} = commonFields
const scopeFields = {contexts, systemNamespace, revision, clusterName}

/** The input that decides which control planes are read. */
type RawScope = Pick<RawSpec<typeof scopeFields>, 'systemNamespace' | 'revision'>

/** What a row shows of a cluster. */
interface ClusterRow {
  uid: string
  /** Name in the mesh. */
  name: string
  /** Names of the clusters that it is joined with. */
  links: string[]
  hasIstio: boolean
  text: string
}

/** What is asked for. */
export interface ContextQuestion {
  message: string
  /** Minimum number of clusters. */
  atLeast: number
  /** Contexts whose clusters are not offered. */
  without?: readonly string[]
  /** Offers only clusters with Istio or in a mesh, and those that do not respond, which are only shown. */
  needsIstio?: boolean
  /**
   * Selects the clusters of a mesh: that of one of these contexts, or if it is empty that of the current context, otherwise the
   * first one. By default, nothing is selected.
   */
  meshOf?: readonly string[]
}

const joining: ContextQuestion = {message: 'Which clusters should join the mesh?', atLeast: 2}

/** Asks for the contexts of clusters, by default of those that join. */
export async function askContexts(
  scope: RawScope,
  {access, terminal}: Pick<Asker, 'access' | 'terminal'>,
  {message, atLeast, without = [], needsIstio = false, meshOf: own}: ContextQuestion = joining,
): Promise<string[]> {
  const {kubeconfig} = access
  const reader: ContextReader = {
    kubeconfig,
    connect: (context, requestTimeout) => connect({...access, requestTimeout}, context),
  }
  const progress = await startProgress(terminal, 'reading the clusters of your kubeconfig')
  const read = await readContexts(reader, (cluster, context) => readRow(scope, cluster, context)).finally(() =>
    progress.done(),
  )
  const rows = read.filter(
    ({info, others, state}) =>
      ![info.context, ...others].some(context => without.includes(context)) &&
      (!needsIstio || state === undefined || state.hasIstio || state.links.length > 0),
  )
  const contexts = rows.flatMap(({info, others}) => [info.context, ...others])
  const hidden = hiddenContextLines(contexts, kubeconfig)
  if (hidden.length > 0) terminal.message([...hidden, ''])
  const more = {name: 'clusters in other kubeconfig files', value: ''}
  const members = own ? membersAmong(read, own.length > 0 ? own : [kubeconfig.currentContext]) : []
  const answer = await askMany(terminal, message, [...choicesOf(rows, members), more], atLeast)
  const chosen = answer.filter(context => context !== more.value)
  if (chosen.length === answer.length) return chosen
  return [...chosen, ...(await askReferences(terminal, atLeast - chosen.length))]
}

/**
 * Asks for the clusters of the mesh, unless the input names them. Returns the answers only.
 *
 * @param atLeast minimum number of clusters
 */
export async function askMeshContexts(
  raw: RawScope & {contexts?: Raw},
  asker: Pick<Asker, 'access' | 'terminal'>,
  atLeast = 1,
): Promise<{contexts?: Raw}> {
  if (raw.contexts !== undefined) return {}
  const {systemNamespace, revision} = raw
  const question = {message: 'Which clusters are in the mesh?', atLeast, needsIstio: true, meshOf: []}
  return {contexts: await askContexts({systemNamespace, revision}, asker, question)}
}

/** Asks for the clusters to show, unless the current context determines them. Returns the answers only. */
export async function askStatusContexts(
  raw: RawScope & {contexts?: Raw},
  asker: Pick<Asker, 'access' | 'terminal'>,
): Promise<{contexts?: Raw}> {
  return asker.access.kubeconfig.currentContext === '' ? askMeshContexts(raw, asker) : {}
}

/** The clusters of the mesh of one of the contexts, or if these are in none, of the first mesh. */
function membersAmong(read: readonly ReadContext<ClusterRow>[], contexts: readonly string[]): ClusterRow[] {
  const states = read.flatMap(({state}) => state ?? [])
  const own = read.find(({info, others}) => [info.context, ...others].some(context => contexts.includes(context)))
  const members = meshOf(own?.state, states)
  return members.length > 0
    ? members
    : meshOf(
        states.find(({links}) => links.length > 0),
        states,
      )
}

/**
 * One row per cluster. A cluster that does not respond cannot be selected.
 *
 * @param members clusters that are selected
 */
function choicesOf(rows: readonly ReadContext<ClusterRow>[], members: readonly ClusterRow[]): Choice[] {
  const names = rows.map(({info, others}) => [info.context, ...others].map(shownContext).join(', '))
  const width = Math.max(0, ...names.map(widthOf))
  return rows.map(({info, state, problem}, at) => {
    const name = padTo(names[at]!, width)
    const short = shownContext(info.context)
    return state
      ? {name: `${name}   ${state.text}`, short, value: info.context, checked: members.includes(state)}
      : {name, short, value: info.context, disabled: `  ${problem}`}
  })
}

async function readRow(scope: RawScope, cluster: Cluster, context: string): Promise<ClusterRow> {
  const spec = readSpec(scopeFields, {...scope, contexts: [context]})
  const facts = await readFederationFacts(cluster, spec)
  const {controlPlane, cluster: name} = resolveMember(spec, context, facts)
  const istio = controlPlane ? `Istio ${controlPlane.version ?? '(version unknown)'}` : 'no Istio'
  const network = controlPlane?.network ? `, network ${controlPlane.network}` : ''
  const links = [...joinedServers(facts).keys()].filter(link => link !== name)
  return {uid: facts.uid, name, links, hasIstio: controlPlane !== undefined, text: `${istio}${network}`}
}

async function askReferences(terminal: Terminal, atLeast: number): Promise<string[]> {
  const partsOf = (text: string) => text.split(',').map(part => part.trim())
  const text = await askText(terminal, {
    message: 'Which clusters in other files? (NAME=FILE or NAME=FILE#CONTEXT, separated by commas)',
    check: answer => {
      const parts = partsOf(answer)
      if (!parts.every(parseContextReference)) return 'is not NAME=FILE,NAME=FILE'
      return parts.length < atLeast ? `names fewer than ${atLeast} clusters` : undefined
    },
  })
  return partsOf(text)
}
