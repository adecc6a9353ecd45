import {settingsKey} from '../../spec/settings.ts'
import type {KubernetesObject} from './object.ts'

// Mesh files can be a named set. The record of a document stores the set that created it: it is in a namespace that only
// administrators of the mesh can write, and created and removed with the document.

/** Annotation of a record: name of the set of mesh files that created it. */
const setAnnotation = 'kubectl-mesh.io/set'

/** Returns whether a set of mesh files created a record, and no other run has applied its document since. */
export function isOfSet({metadata}: KubernetesObject, set: string): boolean {
  return metadata.annotations?.[setAnnotation] === set
}

/** Returns the set that a record is no longer of after a change. */
export function formerSet(
  live: KubernetesObject | undefined,
  merged: KubernetesObject | undefined,
): string | undefined {
  const [before, after] = [live, merged].map(record => record?.metadata.annotations?.[setAnnotation])
  return merged && before !== after ? before : undefined
}

/**
 * Returns the annotation with which a record is applied. Without it, an apply removes it: then neither this set nor another one
 * prunes the document.
 *
 * @param record the record of a document has settings; what several documents share has none, and belongs to no set
 * @param live the existing record
 * @param set the set of the run; undefined without one
 */
export function setAnnotationFor(
  record: KubernetesObject,
  live: KubernetesObject | undefined,
  set: string | undefined,
): Record<string, string> {
  const isOfDocument = Object.hasOwn((record.data ?? {}) as object, settingsKey)
  const isOurs = isOfDocument && (!live || (set !== undefined && isOfSet(live, set)))
  return set !== undefined && isOurs ? {[setAnnotation]: set} : {}
}
