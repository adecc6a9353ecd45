import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {setMeshValue} from '../../istio/mesh-config-edit.ts'
import {revisioned} from '../../istio/names.ts'
import type {Json} from '../../text/json.ts'
import type {LocalitySetting} from './istio.ts'

/** Switches locality balancing of a whole mesh in its mesh config; settings that are given replace those there. */
export function buildMeshLocality(
  cluster: string,
  where: {systemNamespace: string; revision: string | undefined},
  enabled: boolean,
  setting: LocalitySetting,
): Edit {
  const replaces = Object.keys(setting).length > 0
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target: {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      namespace: where.systemNamespace,
      name: revisioned('istio', where.revision),
    },
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: `localityLbSetting: ${enabled ? 'on' : 'off'}`,
        edit: mesh =>
          replaces
            ? setMeshValue(mesh, ['localityLbSetting'], {enabled, ...setting} as unknown as Json)
            : setMeshValue(mesh, ['localityLbSetting', 'enabled'], enabled),
      },
    ],
  }
}
