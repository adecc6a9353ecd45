import type {Edit, FieldEdit} from '../kubernetes/change.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {ownersOf} from './managed.ts'

/** A shared object after our edits, and the merge patch that makes it so. */
export interface Edited {
  merged: KubernetesObject
  /** JSON merge patch of only what differs; undefined when nothing does. */
  patch: Record<string, unknown> | undefined
  /** Values that others set to something else, which we would overwrite; `***` for a Secret's. */
  taken: {what: string; value: string; owners: string[]}[]
}

/** Works out edits on the object as it is. Throws what a text editor throws on a text it can't read. */
export function editObject(live: KubernetesObject, edits: readonly FieldEdit[], manager: string): Edited {
  const merged = structuredClone(live)
  const patch: Record<string, unknown> = {}
  const taken: Edited['taken'] = []
  for (const edit of edits) {
    const path = pathOf(edit)
    // on what earlier edits left: two of them may change one text
    const current = valueAt(merged, path)
    const before = typeof current === 'string' ? current : undefined
    const after = edit.at === 'text' ? edit.edit(before ?? '') : edit.value
    if (before === after || (edit.at === 'text' && (before ?? '') === after)) continue
    if (edit.at !== 'text' && before !== undefined) {
      // The server keeps no owners for some objects (see `ownLabelKey`): the value is somebody's, and not ours to replace.
      const owners =
        after !== undefined && !live.metadata.managedFields?.length
          ? ['unknown']
          : ownersOf(
              live,
              path.map(key => `f:${key}`),
            ).filter(owner => owner !== manager)
      if (owners.length > 0)
        taken.push({
          what: `${edit.at} ${edit.key}`,
          value: live.kind === 'Secret' && edit.at === 'data' ? '***' : before,
          owners,
        })
    }
    setAt(merged, path, after)
    setAt(patch, path, after ?? null)
  }
  return {merged, patch: Object.keys(patch).length > 0 ? patch : undefined, taken}
}

/** The object that an edit makes where there is none. */
export function objectOfEdit(edit: Edit): KubernetesObject {
  const {apiVersion, kind, name, namespace} = edit.target
  const object: KubernetesObject = {apiVersion, kind, metadata: {name, ...(namespace ? {namespace} : {})}}
  for (const field of edit.edits) {
    if (field.at === 'text') setAt(object, field.path, field.edit(''))
    else if (field.value !== undefined) setAt(object, pathOf(field), field.value)
  }
  return object
}

function pathOf(edit: FieldEdit): string[] {
  if (edit.at === 'text') return edit.path
  return edit.at === 'data' ? ['data', edit.key] : ['metadata', `${edit.at}s`, edit.key]
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  let at = object
  for (const key of path) at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[key] : undefined
  return at
}

function setAt(object: object, path: readonly string[], value: unknown): void {
  let at = object as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    if (typeof at[key] !== 'object' || at[key] === null) at[key] = {}
    at = at[key] as Record<string, unknown>
  }
  const last = path.at(-1)!
  if (value === undefined) delete at[last]
  else at[last] = value
}
