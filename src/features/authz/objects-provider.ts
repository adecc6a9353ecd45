import {buildMeshEdit, buildMeshRestore} from '../../control-plane/objects-mesh-config.ts'
import {isSail} from '../../control-plane/value-hints.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {Manager} from '../../engine/kubernetes/manager.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {putMeshItem, readMeshConfig, removeMeshItem} from '../../istio/mesh-config-edit.ts'
import type {Json} from '../../text/json.ts'
import type {Provider} from './objects.ts'

const list = ['extensionProviders']

/** The ConfigMap of a mesh config, which is in its key `mesh`. */
export interface MeshMap {
  cluster: string
  namespace: string
  name: string
  /** It is the shared mesh config, which is created if it does not exist. */
  shared: boolean
}

/**
 * The edit that adds a provider to the mesh config, or replaces the one with the same name. Fields that kubectl-mesh does
 * not set are kept.
 */
export function buildProviderEdit(map: MeshMap, provider: Provider): Edit {
  const edit = buildMeshEdit(
    map.cluster,
    refOfMap(map),
    {
      about: `extensionProviders: ${provider.name}`,
      edit: mesh => putMeshItem(mesh, list, withOtherFields(mesh, provider)),
    },
    {
      path: list,
      value: [provider],
      effect: `the policies that use ${provider.name} deny every request`,
      instead: durableWay,
    },
  )
  return map.shared ? {...edit, create: true} : edit
}

/** The edit that removes a provider from the mesh config. */
export function buildProviderRemoval(map: MeshMap, name: string): Edit {
  return buildMeshRestore(map.cluster, refOfMap(map), {
    about: `extensionProviders: remove ${name}`,
    edit: mesh => removeMeshItem(mesh, list, name),
    removes: true,
  })
}

/** Whether the text of a mesh config contains a provider. */
export function hasProvider(mesh: string, name: string): boolean {
  return removeMeshItem(mesh, list, name) !== mesh
}

/** The fields that kubectl-mesh sets, also if it sets them to their default by omitting them. */
const ours: readonly string[] = [
  'service',
  'port',
  'timeout',
  'failOpen',
  'includeRequestBodyInCheck',
  'includeRequestHeadersInCheck',
]

/** The provider with the fields that others have added to it: headersToUpstreamOnAllow, statusOnError, … */
function withOtherFields(mesh: string, provider: Provider): Provider {
  const live = (readMeshConfig(mesh).extensionProviders as unknown[] | undefined)?.find?.(
    one => (one as {name?: unknown} | null)?.name === provider.name,
  )
  const [type, body] = Object.entries(provider).find(([key]) => key !== 'name') as [string, Record<string, Json>]
  const before = (live as Record<string, unknown> | undefined)?.[type]
  if (typeof before !== 'object' || before === null) return provider
  const others = Object.entries(before).filter(([key]) => !ours.includes(key))
  return {...provider, [type]: {...body, ...(Object.fromEntries(others) as Record<string, Json>)}}
}

function durableWay(manager: Manager): string[] {
  if (isSail(manager)) return ['--via sail prints the patch of the resource Istio']
  return [`--via helm-values prints the values to set where ${manager.name} reads them`]
}

function refOfMap({namespace, name}: MeshMap): ObjectRef {
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace, name}
}
