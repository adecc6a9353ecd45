import type {ClusterSelection} from '../../engine/cluster-sources/source.ts'
import type {Run} from '../../run/run.ts'
import {withSources} from '../../run/sources/with-sources.ts'
import type {AppliedDocument} from './kind.ts'

/**
 * Reads the sources that documents name with `spec.clusters`. Their clusters become contexts of all documents.
 *
 * @param resolves add the selected clusters to the contexts of each document; not for a saved plan, which already contains them
 * @returns the documents, and the run that has these contexts
 * @throws MeshError as `withSources`
 */
export async function withSourcedContexts(
  documents: readonly AppliedDocument[],
  run: Run,
  resolves = true,
): Promise<{documents: AppliedDocument[]; run: Run}> {
  const texts = [...new Set(documents.flatMap(one => selectionOf(one)?.from ?? []))]
  if (texts.length === 0) return {documents: [...documents], run}
  const sources = await withSources(texts, run)
  const resolved = documents.map(document => {
    const selection = selectionOf(document)
    if (!resolves || !selection) return document
    const own = Array.isArray(document.spec.contexts) ? (document.spec.contexts as string[]) : []
    const contexts = [...new Set([...own, ...sources.contextsOf(selection)])]
    return {...document, spec: {...document.spec, contexts}, raw: {...document.raw, contexts}}
  })
  return {documents: resolved, run: sources.run}
}

/** `spec.clusters`, which the reader of documents has validated. */
function selectionOf({spec}: AppliedDocument): ClusterSelection | undefined {
  return spec.clusters as ClusterSelection | undefined
}
