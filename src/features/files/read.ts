import type {Run} from '../../run/run.ts'
import {type DocumentChoice, readDocuments} from '../../spec/documents/documents.ts'
import type {DocumentKinds} from '../../spec/documents/kind.ts'
import {requireContexts, requireUnique} from './contexts.ts'
import type {AppliedDocument, AppliedKind} from './kind.ts'
import {inOrder} from './order.ts'
import {type MeshFiles, splitSet} from './prune/set.ts'
import {withSourcedContexts} from './sources.ts'

/**
 * Reads the documents of files in the order in which they are applied. Connects to no cluster, except those with the sources that
 * the documents name.
 *
 * @param name name of their set; undefined for that of the files
 * @returns with the run that has the clusters of these sources as contexts
 * @throws MeshError (exit 2) that lists all problems, each with file, line and column; as `withSourcedContexts`
 */
export async function readFiles(
  choice: DocumentChoice,
  kinds: DocumentKinds<AppliedKind>,
  given: Run,
  name: string | undefined,
): Promise<MeshFiles & {run: Run}> {
  return orderFiles(await readDocuments(choice, kinds), given, name)
}

/**
 * Returns valid documents in the order in which they are applied, like `readFiles`.
 *
 * @throws MeshError as `readFiles`
 */
export async function orderFiles(
  read: readonly AppliedDocument[],
  given: Run,
  name: string | undefined,
): Promise<MeshFiles & {run: Run}> {
  const {documents, run} = await withSourcedContexts(read, given)
  requireContexts(documents, run.access.kubeconfig)
  requireUnique(documents, run.access.kubeconfig)
  const files = splitSet(documents, name)
  return {...files, documents: inOrder(files.documents), run}
}
