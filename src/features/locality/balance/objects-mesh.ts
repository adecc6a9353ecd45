import {buildMeshEdit} from '../../../control-plane/objects-mesh-config.ts'
import {type ControlPlaneRef, meshMapRef} from '../../../control-plane/read.ts'
import type {Edit} from '../../../engine/kubernetes/change.ts'
import {readMeshConfig, setMeshValue} from '../../../istio/mesh-config-edit.ts'
import type {Json} from '../../../text/json.ts'
import type {LocalitySetting} from '../istio-serve.ts'

const path = ['localityLbSetting']

/** The fields that the options of this command set. The mesh config can have others, which are kept. */
const ours: readonly string[] = ['enabled', 'distribute', 'failover', 'failoverPriority']

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
  return buildMeshEdit(
    cluster,
    meshMapRef(where),
    {
      about: `localityLbSetting: ${enabled ? 'on' : 'off'}`,
      edit: mesh => editMeshLocality(mesh, enabled, setting),
    },
    {
      path,
      value: {enabled, ...setting} as unknown as Json,
      effect: 'clients no longer use these locality settings',
    },
  )
}

/** The text of the mesh config with the setting. See `buildMeshLocality`. */
export function editMeshLocality(mesh: string, enabled: boolean, setting: LocalitySetting | undefined): string {
  if (setting) return setMeshValue(mesh, path, {...otherFields(mesh), enabled, ...setting} as unknown as Json)
  return setMeshValue(mesh, [...path, 'enabled'], enabled)
}

/** The fields of the live setting that this command does not know. */
function otherFields(mesh: string): Record<string, unknown> {
  const live = readMeshConfig(mesh).localityLbSetting
  const isMap = typeof live === 'object' && live !== null && !Array.isArray(live)
  return isMap ? Object.fromEntries(Object.entries(live).filter(([key]) => !ours.includes(key))) : {}
}
