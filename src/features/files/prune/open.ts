import type {Run} from '../../../run/run.ts'
import type {DocumentChoice} from '../../../spec/documents/documents.ts'
import type {DocumentKinds} from '../../../spec/documents/kind.ts'
import {findSkipped} from '../../../spec/documents/sources.ts'
import type {AppliedDocument, AppliedKind} from '../kind.ts'
import {readFiles} from '../read.ts'
import {skippedLines} from '../report-documents.ts'
import {withPruned} from './prune.ts'

/** What the user chose beside the files. */
export interface SetChoice {
  /** Name of the set; undefined for that of the files. */
  name?: string | undefined
  /** Also remove what the files no longer contain. */
  prune: boolean
}

/**
 * Reads the documents of files, and with `prune` the clusters for documents that they no longer contain.
 *
 * @returns the documents in the order in which they are applied, and the run that applies them
 * @throws MeshError (exit 2) that lists all problems of the files, (exit 3) for a cluster that cannot be read
 */
export async function openFiles(
  choice: DocumentChoice & SetChoice,
  kinds: DocumentKinds<AppliedKind>,
  run: Run,
): Promise<{documents: AppliedDocument[]; run: Run}> {
  if (!choice.recursive) run.terminal.message(skippedLines(await findSkipped(choice.paths)))
  const {run: sourced, ...files} = await readFiles(choice, kinds, run, choice.name)
  const documents = choice.prune ? await withPruned(files, kinds, sourced) : files.documents
  return {documents, run: {...sourced, documentSet: files.set?.name}}
}
