import type {AppliedDocument} from './kind.ts'

/** Returns the contexts of a document's clusters, in the order of its plans. '' is the current context. */
export function contextsOfDocument({context, spec}: AppliedDocument): string[] {
  if (context !== undefined) return [context]
  return [
    ...new Set([spec.from, spec.contexts, spec.to].flatMap(list => (Array.isArray(list) ? (list as string[]) : []))),
  ]
}

/**
 * Returns whether a document must be applied before another one: its kind precedes the other, and they share a cluster. Documents that
 * are no longer in the files are removed after the others were applied, in the opposite order.
 */
export function precedes(first: AppliedDocument, second: AppliedDocument): boolean {
  if (!isBefore(first, second)) return false
  const clusters = new Set(contextsOfDocument(first))
  return contextsOfDocument(second).some(context => clusters.has(context))
}

function isBefore(first: AppliedDocument, second: AppliedDocument): boolean {
  if (first.pruned) return second.pruned === true && first.kind.after.includes(second.kind.kind)
  return second.pruned === true || second.kind.after.includes(first.kind.kind)
}

/**
 * Returns documents in an order in which each follows those that it depends on. The order of files is kept otherwise. Kinds
 * determine the dependencies, so there is no cycle.
 */
export function inOrder(documents: readonly AppliedDocument[]): AppliedDocument[] {
  const sorted: AppliedDocument[] = []
  const add = (document: AppliedDocument) => {
    if (sorted.includes(document)) return
    for (const other of documents) if (precedes(other, document)) add(other)
    sorted.push(document)
  }
  for (const document of documents) add(document)
  return sorted
}
