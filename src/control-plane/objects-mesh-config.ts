import type {Edit, FieldEdit} from '../engine/kubernetes/change.ts'
import type {Manager} from '../engine/kubernetes/manager.ts'
import type {ObjectRef} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import type {Json} from '../text/json.ts'
import {managedValueHint} from './value-hints.ts'

/** A change of the text of a mesh config. */
export type MeshTextEdit = Omit<Extract<FieldEdit, {at: 'text'}>, 'at' | 'path'>

/** What another tool has to set, so that it does not revert a change of the mesh config. */
export interface MeshValue {
  /** Path in the mesh config: `['localityLbSetting', 'enabled']`. */
  path: readonly string[]
  value: Json
  /** What happens without it, as a sentence without a full stop. */
  effect: string
  /** Hints, if the command has a better way than to set the value by hand. */
  instead?: (manager: Manager) => string[]
}

/**
 * Builds an edit of a mesh config, which Helm, operators and GitOps tools manage in most installations.
 *
 * @param target the ConfigMap: `istio[-revision]`, or the shared mesh config
 */
export function buildMeshEdit(
  cluster: string,
  target: ObjectRef,
  edit: MeshTextEdit,
  {path, value, effect, instead = manager => meshValueHints(manager, path, value)}: MeshValue,
): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target,
    edits: [{at: 'text', path: ['data', 'mesh'], ...edit}],
    ifReverted: {effect, instead},
  }
}

/** Builds an edit of a mesh config that takes back what `buildMeshEdit` has set. */
export function buildMeshRestore(cluster: string, target: ObjectRef, edit: MeshTextEdit): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target,
    edits: [{at: 'text', path: ['data', 'mesh'], ...edit}],
    undoes: true,
  }
}

/** How to set a value of the mesh config where its manager reads it. */
function meshValueHints(manager: Manager, path: readonly string[], value: Json): string[] {
  return [managedValueHint(manager, [{path: ['meshConfig', ...path].join('.'), value}])]
}
