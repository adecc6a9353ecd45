import type {Json} from '../text/json.ts'
import {putItemAt, readMapText, removeAt, removeItemAt, setAt} from '../text/yaml-edit/edit.ts'

/**
 * Edits of the key `mesh` of ConfigMap `istio[-revision]`, which Helm, istioctl and users also write. Each function changes
 * one value and preserves every other byte. They are intended for a `FieldEdit` of a text:
 *
 *     {at: 'text', path: ['data', 'mesh'], about: 'extensionProviders: add my-authz', edit: mesh => putMeshItem(mesh, …)}
 *
 * The functions are pure and return the same text if nothing has to change. For a text that is not a mesh config they throw
 * MeshError (exit 3), so nothing is written. They load the package `yaml`: import this file only where it is needed.
 */

const name = 'the mesh config'

/** Returns the parsed mesh config; `{}` for an empty text. */
export function readMeshConfig(mesh: string): Record<string, unknown> {
  return readMapText(mesh, name)
}

/**
 * Sets the value at a path and creates missing maps on the way.
 *
 * @param path keys, such as `['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']`
 */
export function setMeshValue(mesh: string, path: readonly string[], value: Json): string {
  return setAt(mesh, path, value, name)
}

/** Removes the value at a path, and maps that become empty. */
export function removeMeshValue(mesh: string, path: readonly string[]): string {
  return removeAt(mesh, path, name)
}

/**
 * Adds an item to a list of named items, or replaces the item that has the same name.
 *
 * @param path keys of the list, such as `['extensionProviders']`
 */
export function putMeshItem(mesh: string, path: readonly string[], item: {[key: string]: Json; name: string}): string {
  return putItemAt(mesh, path, item, name)
}

/** Removes a named item from a list. A list that becomes empty is removed too. */
export function removeMeshItem(mesh: string, path: readonly string[], itemName: string): string {
  return removeItemAt(mesh, path, itemName, name)
}
