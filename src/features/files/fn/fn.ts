import {type ExitCode, exitCodes, MeshError, type Problem, usageError} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import {checkDocument} from '../../../spec/documents/documents.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import {parseDocument, secretProblem} from '../../../spec/documents/parse.ts'
import {findSecretIn} from '../../../spec/documents/secrets.ts'
import {failureOf} from '../../../terminal/failure.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {cannotRead} from '../../../text/file-errors.ts'
import {readText} from '../../../text/read-text.ts'
import type {YamlNode} from '../../../text/yaml-nodes.ts'
import type {AppliedDocument, AppliedKind} from '../kind.ts'
import {planDocuments} from '../plan.ts'
import {orderFiles} from '../read.ts'
import {type RenderedCluster, renderedClusters} from '../render/objects.ts'
import {objectsFor} from '../render/objects-layout.ts'
import {clustersOfPlanned} from '../report-plans.ts'
import {emptyList, formatResourceList, withObjects} from './objects.ts'
import {errorResults, functionSummary, problemOf, resultsOf} from './report.ts'
import {type FunctionFlags, type MeshItem, type ResourceList, readResourceList} from './spec.ts'

/** A package with the definitions of Istio and of an add-on has about 5 MiB. */
const maxListBytes = 16 * 1024 * 1024

/** The command that applies the documents. Only the user knows their files. */
const apply = 'kubectl mesh apply -f FILE'

/**
 * Reads a ResourceList from stdin, and prints it with the objects of one cluster in the place of the documents of kubectl-mesh. Only
 * reads clusters. After an error, the printed list has only results: a document may contain a secret.
 *
 * @param context of documents for one cluster that name none
 * @param run a server dry run
 * @throws MeshError as `readResourceList`, `planDocuments` and `renderedClusters`; (exit 2) for several clusters without a choice
 */
export async function runFunction(
  flags: FunctionFlags,
  context: string,
  kinds: DocumentKinds<AppliedKind>,
  run: Run,
): Promise<ExitCode> {
  const list = readResourceList(await readText('-', maxListBytes).catch(cannotRead('-')), flags)
  const documents = [...list.items, ...(list.config ? [list.config] : [])].flatMap(({mesh}) => mesh ?? [])
  const lines: string[] = []
  const terminal = recording(run.terminal, lines)
  try {
    const checked = await checkItems(documents, context, kinds)
    const items = await transformed(list, checked, {...run, terminal})
    run.signal.throwIfAborted()
    terminal.print(formatResourceList(list.node, items, resultsOf(lines, documents)))
    return exitCodes.ok
  } catch (error) {
    run.signal.throwIfAborted()
    const results = errorResults(failureOf(error, 'fn').problems, documents)
    terminal.print(formatResourceList(emptyList(list.node), [], [...results, ...resultsOf(lines, documents)]))
    throw error
  }
}

/** The terminal, which also stores the messages. */
function recording(terminal: Terminal, lines: string[]): Terminal {
  return {
    ...terminal,
    message: message => {
      const all = typeof message === 'string' ? [message] : message
      lines.push(...all.map(line => (typeof line === 'string' ? line : line.text)))
      terminal.message(message)
    },
  }
}

/** Validates all documents. Throws MeshError (exit 2) that lists the problems of all. */
async function checkItems(
  items: readonly MeshItem[],
  context: string,
  kinds: DocumentKinds<AppliedKind>,
): Promise<AppliedDocument[]> {
  const problems: Problem[] = []
  const documents: AppliedDocument[] = []
  for (const item of items) {
    const {file, yaml} = item
    const secret = findSecretIn(yaml.value)
    const parsed = secret
      ? {problems: [secretProblem(file, {...yaml.start, what: secret.what})]}
      : parseDocument(file, yaml)
    const checked =
      'document' in parsed && parsed.document ? await checkDocument(parsed.document, context, kinds) : undefined
    problems.push(...[...parsed.problems, ...(checked?.problems ?? [])].map(problem => problemOf(problem, item)))
    documents.push(...(checked?.valid ? [checked.valid] : []))
  }
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  return documents
}

/** Returns the items without documents of kubectl-mesh, with the objects of the cluster. */
async function transformed(
  {items, choice}: ResourceList,
  checked: readonly AppliedDocument[],
  given: Run,
): Promise<YamlNode[]> {
  const others = items.filter(({mesh}) => !mesh).map(({node}) => node)
  if (checked.length === 0) return others
  const {documents, set, run} = await orderFiles(checked, given, undefined)
  const {planned} = await planDocuments(documents, {...run, documentSet: set?.name})
  const names = planned.flatMap(one => clustersOfPlanned(one, planned) ?? [])
  const cluster = clusterFor(renderedClusters(planned), [...new Set(names)], choice.cluster)
  run.terminal.message(functionSummary(cluster, planned, apply))
  return withObjects(
    others,
    objectsFor(choice.engine, cluster).map(({object}) => object),
  )
}

function clusterFor(
  rendered: readonly RenderedCluster[],
  names: readonly string[],
  name: string | undefined,
): RenderedCluster {
  if (name === undefined && names.length > 1)
    throw usageError(
      'the documents concern several clusters, and the output contains the objects of one',
      'name it with --cluster, or with data.cluster of a ConfigMap as functionConfig',
      `clusters: ${names.join(', ')}`,
    )
  const chosen = name ?? names[0] ?? ''
  if (name !== undefined && !names.includes(name))
    throw usageError(`cluster ${name}: no document concerns it`, `clusters: ${names.join(', ')}`)
  return rendered.find(({cluster}) => cluster === chosen) ?? {cluster: chosen, objects: [], leftOut: []}
}
