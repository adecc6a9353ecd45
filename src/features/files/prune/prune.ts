import {isOfSet} from '../../../engine/kubernetes/document-set.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {usageError} from '../../../errors.ts'
import type {LiveCluster} from '../../../mesh/exported/exported.ts'
import type {Run} from '../../../run/run.ts'
import {namespaceOf} from '../../../run/where.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import {untrustedLines} from '../export/report-unrecorded.ts'
import type {AppliedDocument, AppliedKind, DocumentPart, KindRemoval} from '../kind.ts'
import {contextsOfDocument, inOrder} from '../order.ts'
import {prunedDocument, unselectedLines} from './documents.ts'
import {readPrunedClusters} from './read-clusters.ts'
import type {MeshFiles, MeshSet} from './set.ts'

/**
 * Returns the documents of files, followed by those that remove what an earlier apply of their set has created and the files no longer
 * contain. Searches the clusters of all documents, and those that the set names. Only reads.
 *
 * A document counts only if its record names the set: neither what a person has applied nor what belongs to another set is removed.
 *
 * @throws MeshError (exit 2) for files without a set, (exit 3) for a cluster that cannot be read
 */
export async function withPruned(
  {documents, set}: MeshFiles,
  kinds: DocumentKinds<AppliedKind>,
  run: Pick<Run, 'access' | 'terminal' | 'connection'>,
): Promise<AppliedDocument[]> {
  if (!set)
    throw usageError(
      '--prune requires the name of the set',
      'set --name SET, or add a MeshSet document to one of the files',
    )
  const {access} = run
  const current = (context: string) => context || access.kubeconfig.currentContext
  const contexts = [...documents.flatMap(contextsOfDocument), ...set.contexts].map(current)
  if (contexts.length === 0)
    throw usageError(
      'the files name no cluster, so --prune has none to search',
      'list the contexts in spec.contexts of the MeshSet document',
    )
  const {clusters, sameAs} = await readPrunedClusters([...new Set(contexts)], access)
  run.terminal.message(untrustedLines(clusters))
  const withRecords = (isWanted: (record: KubernetesObject) => boolean) =>
    clusters.map(live => ({...live, records: live.records.filter(isWanted)}))
  const owned = withRecords(record => isOfSet(record, set.name))
  const foreign = withRecords(record => !isOfSet(record, set.name))
  const pruned: AppliedDocument[] = []
  for (const load of Object.values(kinds)) {
    const kind = await load()
    const {removal} = kind
    if (!removal) continue
    const own = documents.filter(document => document.kind.kind === kind.kind)
    const parts = own.flatMap(document => partsInFiles(document, removal, run))
    const inFiles = new Set(parts.map(part => keyOf({...part, context: sameAs(current(part.context))})))
    const {documents: gone, shared} = await prunedOf(kind, removal, {inFiles, owned, foreign, clusters})
    const unselected = unselectedLines(own, gone, run.connection)
    if (unselected.length === 0) pruned.push(...gone)
    run.terminal.message(unselected)
    run.terminal.message(shared.map(name => sharedLine(kind, name, set)))
  }
  return inOrder([...documents, ...pruned])
}

/** The parts of a document. Without a namespace, it is in that of its context. */
function partsInFiles({spec, context}: AppliedDocument, removal: KindRemoval, {access}: Pick<Run, 'access'>) {
  const namespace = spec.namespace ?? (context === undefined ? undefined : namespaceOf(context, access))
  return removal.partsOf({...spec, namespace}, context ?? '')
}

interface Search {
  /** Keys of the parts that the files contain. */
  inFiles: ReadonlySet<string>
  /** The clusters with only the records of the set. */
  owned: readonly LiveCluster[]
  /** The clusters with only the other records. */
  foreign: readonly LiveCluster[]
  clusters: readonly LiveCluster[]
}

/**
 * Returns the documents that remove what is gone, and the names of parts that stay although they are gone: a record outside the set
 * describes them too. Such a part is of a person or of another set, or a user who can write in one of the system
 * namespaces has forged the record of the set.
 *
 * A document in the clusters may have parts of the set and others, such as a cluster that joined a federation by hand.
 */
async function prunedOf(
  kind: AppliedKind,
  removal: KindRemoval,
  {inFiles, owned, foreign, clusters}: Search,
): Promise<{documents: AppliedDocument[]; shared: string[]}> {
  const exported = async (live: readonly LiveCluster[]) =>
    (await kind.exported(live)).map(one => ({one, parts: removal.partsOf(one.raw, one.context ?? '')}))
  const partsOf = async (live: readonly LiveCluster[]) => (await exported(live)).flatMap(({parts}) => parts)
  const gone = (await partsOf(owned)).filter(part => !inFiles.has(keyOf(part)))
  if (gone.length === 0) return {documents: [], shared: []}
  const others = new Set((await partsOf(foreign)).map(keyOf))
  const shared = gone.filter(part => others.has(keyOf(part))).map(({name}) => name)
  const removed = new Set(gone.map(keyOf).filter(key => !others.has(key)))
  const documents = (await exported(clusters)).flatMap(({one, parts}) => {
    const own = parts.filter(part => removed.has(keyOf(part)))
    const kept = parts.filter(part => !own.includes(part))
    return own.length === 0 ? [] : [prunedDocument(kind, removal, one, own, kept)]
  })
  return {documents, shared}
}

function sharedLine({kind}: AppliedKind, name: string, {name: set}: MeshSet): string {
  return `warning: ${kind} ${name} stays: a record that is not of the set ${set} describes it too`
}

function keyOf({context, key}: DocumentPart): string {
  return JSON.stringify([context, key])
}
