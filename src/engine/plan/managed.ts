import {isDeepStrictEqual} from 'node:util'
import {isMap} from '../../text/json.ts'
import type {KubernetesObject, ManagedFields} from '../kubernetes/object.ts'

/** One level of a FieldsV1 tree (Kubernetes meta/v1, structured-merge-diff): keys `f:name`, `k:{…}`, `v:…` and `.`. */
type Fields = NonNullable<ManagedFields['fieldsV1']>

/**
 * Returns whether `managedFields` alone prove that a server-side apply of `desired` changes nothing: the manager's last
 * apply set exactly these fields, and each still has the desired value. This saves a dry-run request per object.
 *
 * @returns false also if it is uncertain; then the server's dry run has to decide
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
  return hasSameFields(entry.fieldsV1, hasMeta ? {...rest, metadata: ownMeta} : rest, live)
}

function hasSameFields(fields: Fields, desired: unknown, live: unknown): boolean {
  const keys = Object.keys(fields).filter(key => key !== '.')
  if (keys.length === 0) return isDeepStrictEqual(desired, live)
  if (Array.isArray(desired)) return Array.isArray(live) && hasSameItems(fields, keys, desired, live)
  if (!isMap(desired) || !isMap(live)) return false
  const desiredKeys = Object.keys(desired).filter(key => desired[key] !== undefined)
  return (
    desiredKeys.length === keys.length &&
    desiredKeys.every(key => {
      const inner = fields[`f:${key}`]
      return isMap(inner) && key in live && hasSameFields(inner as Fields, desired[key], live[key])
    })
  )
}

/**
 * Compares the items of a list with merge keys (`k:{"port":15443,"protocol":"TCP"}`) or of a set (`v:"x"`). An apply
 * restores the order of the items that it sets (structured-merge-diff), so their order must match. Items of other
 * managers may be in between.
 */
function hasSameItems(fields: Fields, keys: string[], desired: unknown[], live: unknown[]): boolean {
  if (keys.length !== desired.length) return false
  const positions: [inDesired: number, inLive: number][] = []
  for (const key of keys) {
    const id: unknown = JSON.parse(key.slice(2))
    const isItem = (item: unknown) => (key.startsWith('v:') ? isDeepStrictEqual(item, id) : hasKeys(item, id))
    const inDesired = desired.findIndex(isItem)
    const inLive = live.findIndex(isItem)
    if (inDesired < 0 || inLive < 0) return false
    if (!key.startsWith('v:') && !hasSameFields(fields[key] as Fields, desired[inDesired], live[inLive])) return false
    positions.push([inDesired, inLive])
  }
  positions.sort(([a], [b]) => a - b)
  return positions.every(([, position], index) => index === 0 || positions[index - 1]![1] < position)
}

function hasKeys(item: unknown, id: unknown): boolean {
  return isMap(item) && isMap(id) && Object.entries(id).every(([key, value]) => isDeepStrictEqual(item[key], value))
}

/** Returns whether the manager owns any field of the object. */
export function isManagedBy(object: KubernetesObject, manager: string): boolean {
  return object.metadata.managedFields?.some(entry => entry.manager === manager) ?? false
}

/**
 * Returns the names of the managers that own one field, without duplicates.
 *
 * @param path in FieldsV1 keys: `['f:metadata', 'f:labels', 'f:app']`
 */
export function ownersOf(object: KubernetesObject, path: readonly string[]): string[] {
  const owners = (object.metadata.managedFields ?? []).filter(entry => {
    let value: unknown = entry.fieldsV1
    for (const key of path) value = isMap(value) ? value[key] : undefined
    return value !== undefined
  })
  return [...new Set(owners.map(({manager}) => manager ?? 'unknown'))]
}

/**
 * The name under which the API server records all fields that an object had when it began to track owners: at the first
 * server-side apply that sets a field (apimachinery, skipNonApplied, 1.36). It is the name of no writer.
 */
const untrackedManager = 'before-first-apply'

/** Returns the owners of a field without the name for fields whose writer the server has not recorded. */
export function knownOwnersOf(object: KubernetesObject, path: readonly string[]): string[] {
  return ownersOf(object, path).filter(owner => owner !== untrackedManager)
}
