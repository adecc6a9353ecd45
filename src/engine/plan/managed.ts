import {isDeepStrictEqual} from 'node:util'
import type {KubernetesObject, ManagedFields} from '../kubernetes/object.ts'

/** One level of a FieldsV1 tree (Kubernetes meta/v1, structured-merge-diff): keys `f:name`, `k:{…}`, `v:…` and `.`. */
type Fields = NonNullable<ManagedFields['fieldsV1']>

/**
 * Whether a server-side apply of `desired` by `manager` would change nothing, told from `managedFields` alone: the
 * manager's last apply set exactly these fields, and each still has our value. Saves one dry-run request an object.
 * false means "not sure": the server's dry run then decides.
 */
export function isKnownUnchanged(desired: KubernetesObject, live: KubernetesObject, manager: string): boolean {
  const entry = live.metadata.managedFields?.find(
    ({manager: name, operation, subresource}) => name === manager && operation === 'Apply' && !subresource,
  )
  if (!entry?.fieldsV1) return false
  const {apiVersion, kind, metadata, ...rest} = desired
  if (apiVersion !== live.apiVersion || apiVersion !== entry.apiVersion || kind !== live.kind) return false
  const {name: _name, namespace: _namespace, ...ownMeta} = metadata
  const hasMeta = Object.values(ownMeta).some(value => value !== undefined)
  return sameFields(entry.fieldsV1, hasMeta ? {...rest, metadata: ownMeta} : rest, live)
}

function sameFields(fields: Fields, desired: unknown, live: unknown): boolean {
  const keys = Object.keys(fields).filter(key => key !== '.')
  if (keys.length === 0) return isDeepStrictEqual(desired, live)
  if (Array.isArray(desired)) return Array.isArray(live) && sameItems(fields, keys, desired, live)
  if (!isMap(desired) || !isMap(live)) return false
  const wanted = Object.keys(desired).filter(key => desired[key] !== undefined)
  return (
    wanted.length === keys.length &&
    wanted.every(key => {
      const inner = fields[`f:${key}`]
      return isMap(inner) && key in live && sameFields(inner as Fields, desired[key], live[key])
    })
  )
}

/**
 * Items of a list with merge keys (`k:{"port":15443,"protocol":"TCP"}`) or of a set (`v:"x"`). An apply puts its items in
 * its own order again (structured-merge-diff), so the order must be the same; items of others may stand between.
 */
function sameItems(fields: Fields, keys: string[], desired: unknown[], live: unknown[]): boolean {
  if (keys.length !== desired.length) return false
  const places: [mine: number, theirs: number][] = []
  for (const key of keys) {
    const id: unknown = JSON.parse(key.slice(2))
    const isIt = (item: unknown) => (key.startsWith('v:') ? isDeepStrictEqual(item, id) : hasKeys(item, id))
    const mine = desired.findIndex(isIt)
    const theirs = live.findIndex(isIt)
    if (mine < 0 || theirs < 0) return false
    if (!key.startsWith('v:') && !sameFields(fields[key] as Fields, desired[mine], live[theirs])) return false
    places.push([mine, theirs])
  }
  places.sort(([a], [b]) => a - b)
  return places.every(([, at], index) => index === 0 || places[index - 1]![1] < at)
}

function hasKeys(item: unknown, id: unknown): boolean {
  return isMap(item) && isMap(id) && Object.entries(id).every(([key, value]) => isDeepStrictEqual(item[key], value))
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether the manager has ever set fields of the object. */
export function isManagedBy(object: KubernetesObject, manager: string): boolean {
  return object.metadata.managedFields?.some(entry => entry.manager === manager) ?? false
}

/** The managers that own one field, by its path in FieldsV1 keys: `['f:metadata', 'f:labels', 'f:app']`. */
export function ownersOf(object: KubernetesObject, path: readonly string[]): string[] {
  const owners = (object.metadata.managedFields ?? []).filter(entry => {
    let at: unknown = entry.fieldsV1
    for (const key of path) at = isMap(at) ? at[key] : undefined
    return at !== undefined
  })
  return [...new Set(owners.map(({manager}) => manager ?? 'unknown'))]
}
