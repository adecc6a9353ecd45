import type {KubernetesObject} from '../kubernetes/object.ts'

/**
 * Returns whether the result of a dry-run apply differs from the live object, ignoring status and what the server
 * itself writes into metadata. The order of keys does not matter.
 */
export function differs(live: KubernetesObject, merged: KubernetesObject): boolean {
  return JSON.stringify(comparable(live)) !== JSON.stringify(comparable(merged))
}

function comparable(object: KubernetesObject): unknown {
  const {status: _status, ...rest} = object
  const {managedFields: _managed, resourceVersion: _version, generation: _generation, ...metadata} = object.metadata
  return sortedKeys({...rest, metadata})
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sortedKeys(inner)]),
  )
}
