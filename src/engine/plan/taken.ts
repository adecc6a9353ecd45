import type {KubernetesObject, ManagedFields} from '../kubernetes/object.ts'
import {editObject} from './edit.ts'
import type {Step} from './plan.ts'

/** Fields that a step takes over from another field manager. */
export interface Taken {
  manager: string
  /** `.spec.replicas`, or `label app` of an edit. */
  fields: string[]
}

type Fields = NonNullable<ManagedFields['fieldsV1']>

/**
 * Returns the fields that other managers own before a step and no longer after it: an apply with force takes over those whose
 * values differ, and the server's dry run removes them from the entries of their managers.
 *
 * @param manager our field manager
 */
export function takenFields({change, verdict, live, merged}: Step, manager: string): Taken[] {
  if (verdict !== 'update' || !live || !merged) return []
  if (change.action === 'edit') return takenByEdit(editObject(live, change.edits, manager).overwritten)
  if (change.action !== 'apply' || change.pending !== undefined) return []
  const after = fieldsByManager(merged)
  return [...fieldsByManager(live)].flatMap(([owner, fields]) => {
    if (owner === manager) return []
    const kept = after.get(owner)
    const gone = [...fields].filter(field => !kept?.has(field))
    return gone.length === 0 ? [] : [{manager: owner, fields: gone}]
  })
}

function takenByEdit(overwritten: readonly {field: string; owners: string[]}[]): Taken[] {
  const pairs = overwritten.flatMap(({field, owners}) => owners.map(owner => ({owner, field})))
  const groups = Map.groupBy(pairs, ({owner}) => owner)
  return [...groups].map(([manager, group]) => ({manager, fields: group.map(({field}) => field)}))
}

/** The fields without further fields inside them, by manager. What controllers write to the status is left out. */
function fieldsByManager({metadata}: KubernetesObject): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>()
  for (const {manager = 'unknown', subresource, fieldsV1 = {}} of metadata.managedFields ?? []) {
    if (subresource) continue
    const fields = found.get(manager) ?? new Set()
    for (const field of leavesOf(fieldsV1, '')) fields.add(field)
    found.set(manager, fields)
  }
  return found
}

function leavesOf(fields: Fields, path: string): string[] {
  const keys = Object.keys(fields).filter(key => key !== '.')
  if (keys.length === 0) return [path]
  return keys.flatMap(key => leavesOf((fields[key] ?? {}) as Fields, path + segmentOf(key)))
}

/** `f:spec` is `.spec`, `k:{"name":"a"}` is `[name="a"]`, as in the conflicts of API servers. */
function segmentOf(key: string): string {
  if (key.startsWith('f:')) return `.${key.slice(2)}`
  if (!key.startsWith('k:')) return `[${key.slice(2)}]`
  const pairs = Object.entries(JSON.parse(key.slice(2)) as Record<string, unknown>)
  return `[${pairs.map(([name, value]) => `${name}=${JSON.stringify(value)}`).join(',')}]`
}
