import {type ControlPlaneRef, meshMapRef} from '../../../control-plane/read.ts'
import type {Edit} from '../../../engine/kubernetes/change.ts'
import {waves} from '../../../engine/kubernetes/waves.ts'
import {setMeshValue} from '../../../istio/mesh-config-edit.ts'
import type {Json} from '../../../text/json.ts'
import type {LocalitySetting} from '../istio-serve.ts'

/**
 * The edit that turns locality load balancing on or off for the whole mesh.
 *
 * @param setting replaces the setting in the mesh config; without it, only `enabled` changes
 */
export function buildMeshLocality(
  cluster: string,
  where: ControlPlaneRef,
  enabled: boolean,
  setting: LocalitySetting | undefined,
): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target: meshMapRef(where),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: `localityLbSetting: ${enabled ? 'on' : 'off'}`,
        edit: mesh =>
          setting
            ? setMeshValue(mesh, ['localityLbSetting'], {enabled, ...setting} as unknown as Json)
            : setMeshValue(mesh, ['localityLbSetting', 'enabled'], enabled),
      },
    ],
  }
}
