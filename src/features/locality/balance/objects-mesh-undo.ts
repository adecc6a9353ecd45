import {isDeepStrictEqual} from 'node:util'
import {buildMeshRestore} from '../../../control-plane/objects-mesh-config.ts'
import {type ControlPlaneRef, meshMapRef} from '../../../control-plane/read.ts'
import type {Change, Edit} from '../../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {refusedError} from '../../../errors.ts'
import {readMeshConfig, removeMeshValue, setMeshValue} from '../../../istio/mesh-config-edit.ts'
import {type Json, parseJson} from '../../../text/json.ts'
import {applyUndo, readTextUndo, type TextUndo, undoFor} from '../../../text/text-undo.ts'
import {localitySettingsRef} from './objects.ts'
import {meshWideKeyOf} from './spec-stored.ts'

/** The `localityLbSetting` of a mesh config before and after `--mesh-wide on` or `off`. */
export interface MeshUndo {
  /** Undefined if the mesh config had none. */
  former: Json | undefined
  set: Json | undefined
  /** The former text, to restore it byte for byte. */
  text: TextUndo | undefined
}

const key = 'localityLbSetting'

/** Reads the former setting of a control plane from the stored settings. Undefined if no earlier run has set it. */
export function readMeshUndo(settings: KubernetesObject | undefined, where: ControlPlaneRef): MeshUndo | undefined {
  const stored = parseJson((settings?.data as Record<string, string> | undefined)?.[meshWideKeyOf(where)] ?? '')
  if (typeof stored !== 'object' || stored === null) return undefined
  const {former, set, text} = stored as Record<keyof MeshUndo, Json | undefined>
  return {former, set, text: readTextUndo(text)}
}

/**
 * Returns the former setting, as data of the record. If the mesh config still has what an earlier run has set, it is the setting
 * before that run, otherwise the current one.
 *
 * @param edit changes the text of the mesh config
 * @returns empty if the edit changes nothing
 */
export function formerSetting(
  mesh: string,
  edit: (mesh: string) => string,
  where: ControlPlaneRef,
  stored: MeshUndo | undefined,
): Record<string, string> {
  const after = edit(mesh)
  if (stored === undefined && after === mesh) return {}
  const base = stored && isDeepStrictEqual(settingIn(mesh), stored.set) ? restored(mesh, stored) : mesh
  const undo: MeshUndo = {former: settingIn(base), set: settingIn(after), text: undoFor(base, after)}
  return {[meshWideKeyOf(where)]: JSON.stringify(undo)}
}

/**
 * The changes of `--mesh-wide undo`: they restore the text of the mesh config, then remove the former setting from the record.
 * Empty if no earlier run has set it, and the mesh config has none.
 *
 * @throws MeshError (exit 3) if no earlier run has set it, but the mesh config has one, or if it was changed afterwards
 */
export function buildMeshUndo(
  cluster: string,
  where: ControlPlaneRef,
  record: ControlPlaneRef,
  mesh: string,
  stored: MeshUndo | undefined,
): Change[] {
  const {name, namespace} = meshMapRef(where)
  if (stored === undefined) {
    if (settingIn(mesh) === undefined) return []
    throw refusedError(
      `${cluster}: no earlier --mesh-wide on or off is recorded for ConfigMap ${namespace}/${name}, which has ${key}`,
      'to turn locality load balancing off: kubectl mesh locality balance --mesh-wide off',
    )
  }
  const live = settingIn(mesh)
  if (!isDeepStrictEqual(live, stored.set) && !isDeepStrictEqual(live, stored.former))
    throw refusedError(
      `${cluster}: ${key} in ConfigMap ${namespace}/${name} was changed after kubectl-mesh set it`,
      `edit it: kubectl -n ${namespace} edit configmap ${name}`,
    )
  const forget: Edit = {
    action: 'edit',
    cluster,
    wave: waves.records,
    target: localitySettingsRef(record),
    edits: [{at: 'data', key: meshWideKeyOf(where), value: undefined}],
    undoes: true,
  }
  return [
    buildMeshRestore(cluster, meshMapRef(where), {
      about: `${key}: restored`,
      // Another run may have restored it in between.
      edit: text => (isDeepStrictEqual(settingIn(text), stored.set) ? restored(text, stored) : text),
      removes: true,
    }),
    forget,
  ]
}

/** The text with the former setting: byte for byte, unless the lines around it were changed. */
function restored(mesh: string, {former, text}: MeshUndo): string {
  const exact = text && applyUndo(mesh, text)
  const value = former === undefined ? removeMeshValue(mesh, [key]) : setMeshValue(mesh, [key], former)
  if (exact === undefined) return value
  return isDeepStrictEqual(readMeshConfig(exact), readMeshConfig(value)) ? exact : value
}

function settingIn(mesh: string): Json | undefined {
  return readMeshConfig(mesh)[key] as Json | undefined
}
