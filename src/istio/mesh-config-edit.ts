import type {Json} from '../text/json.ts'
import {putItemAt, readMapText, removeAt, removeItemAt, setAt} from '../text/yaml-edit/edit.ts'

/**
 * Edits of the `mesh` string of ConfigMap `istio[-revision]`, which Helm, istioctl and people write too: one value is
 * changed, all else stays byte for byte. Made for `FieldEdit`s of a text:
 *
 *     {at: 'text', path: ['data', 'mesh'], about: 'extensionProviders: add my-authz', edit: mesh => putMeshItem(mesh, …)}
 *
 * All functions are pure, give the same text when there is nothing to do, and throw MeshError (exit 3) for a text that is
 * no mesh config: nothing is written then. They load the package `yaml`: import this file where it is needed, not before.
 */

const name = 'the mesh config'

/** The mesh config as a value; `{}` for an empty text. */
export function readMeshConfig(mesh: string): Record<string, unknown> {
  return readMapText(mesh, name)
}

/** Sets the value at a path of keys (`['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']`), making maps on the way. */
export function setMeshValue(mesh: string, path: readonly string[], value: Json): string {
  return setAt(mesh, path, value, name)
}

/** Takes the value at a path away, with the maps that become empty by it. */
export function removeMeshValue(mesh: string, path: readonly string[]): string {
  return removeAt(mesh, path, name)
}

/** Puts an item into a list whose items have names (`['extensionProviders']`): replaces its namesake, else comes last. */
export function putMeshItem(mesh: string, path: readonly string[], item: {[key: string]: Json; name: string}): string {
  return putItemAt(mesh, path, item, name)
}

/** Takes the item of a name out of such a list; a list that becomes empty goes too. */
export function removeMeshItem(mesh: string, path: readonly string[], itemName: string): string {
  return removeItemAt(mesh, path, itemName, name)
}
