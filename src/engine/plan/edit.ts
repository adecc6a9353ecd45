import {isDeepStrictEqual} from 'node:util'
import type {Edit, FieldEdit} from '../kubernetes/change.ts'
import type {KubernetesObject} from '../kubernetes/object.ts'
import {knownOwnersOf, ownersOf} from './managed.ts'

/** A value of another manager that an edit changes or removes. */
export interface Overwritten {
  /** `label app`, `data mesh`, … */
  field: string
  /** The value before the edit; `***` in a Secret. */
  value: string
  /** Names of the managers; `unknown` if the server records none for this object. */
  owners: string[]
}

/** A shared object after our edits, with the merge patch that leads to it. */
export interface Edited {
  merged: KubernetesObject
  /** JSON merge patch (RFC 7396) with the differences only; undefined if there are none. */
  patch: Record<string, unknown> | undefined
  overwritten: Overwritten[]
}

type KeyEdit = Exclude<FieldEdit, {at: 'text' | 'entries'}>

/**
 * Computes edits on a live object.
 *
 * @param manager our field manager; a value that only it owns is not reported as overwritten
 * @throws MeshError if a text edit cannot parse its text
 */
export function editObject(live: KubernetesObject, edits: readonly FieldEdit[], manager: string): Edited {
  const merged = structuredClone(live)
  const patch: Record<string, unknown> = {}
  const overwritten: Overwritten[] = []
  for (const edit of edits) {
    const path = pathOf(edit)
    // Read the result of the earlier edits: two of them may change the same text.
    const current = valueAt(merged, path)
    const after = valueAfter(edit, current)
    if (after === current) continue
    if ('value' in edit && typeof current === 'string') overwritten.push(...overwrittenBy(edit, live, current, manager))
    setAt(merged, path, after)
    // A merge patch replaces lists as a whole.
    const list = path.findIndex((_, at) => Array.isArray(valueAt(merged, path.slice(0, at))))
    if (list > 0) setAt(patch, path.slice(0, list), valueAt(merged, path.slice(0, list)))
    else setAt(patch, path, after ?? null)
  }
  return {merged, patch: Object.keys(patch).length > 0 ? patch : undefined, overwritten}
}

/** The value after an edit; undefined if it is removed. `current` itself if the edit changes nothing. */
function valueAfter(edit: FieldEdit, current: unknown): unknown {
  if (edit.at === 'entries') return keptEntries(current, edit)
  const before = typeof current === 'string' ? current : undefined
  const after = edit.at === 'text' ? edit.edit(before ?? '') : edit.value
  return isUnchanged(edit, before, after) ? current : after
}

function keptEntries(list: unknown, {keeps, add}: Extract<FieldEdit, {at: 'entries'}>): unknown {
  if (!Array.isArray(list)) return list === undefined && add !== undefined ? [add] : list
  const kept = list.filter(keeps)
  if (add !== undefined && !kept.some(entry => isDeepStrictEqual(entry, add))) return [...kept, add]
  return kept.length < list.length ? kept : list
}

/** A text edit that returns an empty text for a missing one changes nothing. */
function isUnchanged(edit: FieldEdit, before: string | undefined, after: string | undefined): boolean {
  return before === after || (edit.at === 'text' && (before ?? '') === after)
}

function overwrittenBy(edit: KeyEdit, live: KubernetesObject, before: string, manager: string): Overwritten[] {
  const owners = edit.anyOwner ? [] : otherOwners(edit, live, manager)
  if (owners.length === 0) return []
  const value = live.kind === 'Secret' && edit.at === 'data' ? '***' : before
  return [{field: `${edit.at} ${edit.key}`, value, owners}]
}

function otherOwners(edit: KeyEdit, live: KubernetesObject, manager: string): string[] {
  // The server records no managers for some objects. Then an existing value counts as that of another manager.
  if (edit.value !== undefined && !live.metadata.managedFields?.length) return ['unknown']
  const fields = pathOf(edit).map(key => `f:${key}`)
  // A removal concerns values that a record or their content proves to be ours, also where no writer is recorded.
  const owners = edit.value === undefined ? knownOwnersOf(live, fields) : ownersOf(live, fields)
  return owners.filter(owner => owner !== manager)
}

/** Returns the object that an edit creates if its target does not exist. */
export function objectOfEdit(edit: Edit): KubernetesObject {
  const {apiVersion, kind, name, namespace} = edit.target
  const object: KubernetesObject = {apiVersion, kind, metadata: {name, ...(namespace ? {namespace} : {})}}
  for (const field of edit.edits) {
    if (field.at === 'entries') continue
    if (field.at === 'text') setAt(object, field.path, field.edit(''))
    else if (field.value !== undefined) setAt(object, pathOf(field), field.value)
  }
  return object
}

function pathOf(edit: FieldEdit): string[] {
  if (edit.at === 'text' || edit.at === 'entries') return edit.path
  return edit.at === 'data' ? ['data', edit.key] : ['metadata', `${edit.at}s`, edit.key]
}

function valueAt(object: unknown, path: readonly string[]): unknown {
  let value = object
  for (const key of path) {
    value = typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  }
  return value
}

/** Sets a value and creates the mappings above it; undefined deletes the key. */
function setAt(object: object, path: readonly string[], value: unknown): void {
  let parent = object as Record<string, unknown>
  for (const key of path.slice(0, -1)) {
    if (typeof parent[key] !== 'object' || parent[key] === null) parent[key] = {}
    parent = parent[key] as Record<string, unknown>
  }
  const last = path.at(-1)!
  if (value === undefined) delete parent[last]
  else parent[last] = value
}
