import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type ContextReader, type ReadContext, readContexts} from '../../../mesh/contexts/read.ts'
import {hiddenContextLines, shownContext} from '../../../mesh/contexts/report-hidden.ts'
import {resolveMember} from '../../../mesh/members.ts'
import {readFederationFacts} from '../../../mesh/read.ts'
import {parseContextReference} from '../../../spec/context-ref.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askMany, askText, type Choice} from '../../../terminal/prompts.ts'
import {padTo, widthOf} from '../../../text/width.ts'
import {federationFields} from '../spec.ts'

type RawFederation = RawSpec<typeof federationFields>

/** What a row shows of a cluster. */
interface ClusterRow {
  uid: string
  text: string
}

/** What is asked for. */
export interface ContextQuestion {
  message: string
  /** Minimum number of clusters. */
  atLeast: number
  /** Contexts that are not offered. */
  without?: readonly string[]
}

const joining: ContextQuestion = {message: 'Which clusters should join the mesh?', atLeast: 2}

/** Asks for the contexts of clusters, by default of those that join. */
export async function askContexts(
  raw: RawFederation,
  terminal: Terminal,
  reader: ContextReader,
  {message, atLeast, without = []}: ContextQuestion = joining,
): Promise<string[]> {
  const progress = await startProgress(terminal, 'reading the clusters of your kubeconfig')
  const read = await readContexts(reader, (cluster, context) => readRow(raw, cluster, context)).finally(() =>
    progress.done(),
  )
  const rows = read.filter(({info}) => !without.includes(info.context))
  const contexts = rows.flatMap(({info, others}) => [info.context, ...others])
  const hidden = hiddenContextLines(contexts, reader.kubeconfig)
  if (hidden.length > 0) terminal.message([...hidden, ''])
  const more = {name: 'clusters in other kubeconfig files', value: ''}
  const answer = await askMany(terminal, message, [...choicesOf(rows), more], atLeast)
  const chosen = answer.filter(context => context !== more.value)
  if (chosen.length === answer.length) return chosen
  return [...chosen, ...(await askReferences(terminal, atLeast - chosen.length))]
}

/** One row per cluster. A cluster that does not respond cannot be selected. */
function choicesOf(rows: readonly ReadContext<ClusterRow>[]): Choice[] {
  const names = rows.map(({info, others}) => [info.context, ...others].map(shownContext).join(', '))
  const width = Math.max(0, ...names.map(widthOf))
  return rows.map(({info, state, problem}, at) => {
    const name = padTo(names[at]!, width)
    const short = shownContext(info.context)
    return state
      ? {name: `${name}   ${state.text}`, short, value: info.context}
      : {name, short, value: info.context, disabled: `  ${problem}`}
  })
}

async function readRow(raw: RawFederation, cluster: Cluster, context: string): Promise<ClusterRow> {
  const {systemNamespace, revision} = raw
  const spec = readSpec(federationFields, {contexts: [context], systemNamespace, revision})
  const facts = await readFederationFacts(cluster, spec)
  const {controlPlane} = resolveMember(spec, context, facts)
  const istio = controlPlane ? `Istio ${controlPlane.version ?? '(version unknown)'}` : 'no Istio'
  const network = controlPlane?.network ? `, network ${controlPlane.network}` : ''
  return {uid: facts.uid, text: `${istio}${network}`}
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
