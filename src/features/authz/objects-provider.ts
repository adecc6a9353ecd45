import {isDeepStrictEqual} from 'node:util'
import {buildMeshEdit, buildMeshRestore} from '../../control-plane/objects-mesh-config.ts'
import {isSail} from '../../control-plane/value-hints.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import type {Manager} from '../../engine/kubernetes/manager.ts'
import type {ObjectRef} from '../../engine/kubernetes/object.ts'
import {putMeshItem, readMeshConfig, removeMeshItem} from '../../istio/mesh-config-edit.ts'
import type {Json} from '../../text/json.ts'
import {applyUndo, type TextUndo, undoFor} from '../../text/text-undo.ts'
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
      edit: mesh => editProvider(mesh, provider),
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

function editProvider(mesh: string, provider: Provider): string {
  return putMeshItem(mesh, list, withOtherFields(mesh, provider))
}

/**
 * Returns how to restore the text that a mesh config has without the provider. Undefined if removing the provider restores it.
 * That does not restore an empty list, for example: the list would be removed too.
 *
 * @param stored what an earlier run has stored
 */
export function undoOfProvider(mesh: string, provider: Provider, stored: TextUndo | undefined): TextUndo | undefined {
  const before = withoutProvider(mesh, provider.name, stored)
  const after = editProvider(mesh, provider)
  return withoutProvider(after, provider.name, undefined) === before ? undefined : undoFor(before, after)
}

/** The text without the provider: as it was, unless the lines around the provider were changed. */
function withoutProvider(mesh: string, name: string, undo: TextUndo | undefined): string {
  const removed = removeMeshItem(mesh, list, name)
  const exact = undo && removed !== mesh ? applyUndo(mesh, undo) : undefined
  return exact !== undefined && isDeepStrictEqual(withoutEmptyList(exact), withoutEmptyList(removed)) ? exact : removed
}

function withoutEmptyList(mesh: string): Record<string, unknown> {
  const {extensionProviders, ...others} = readMeshConfig(mesh)
  const isEmpty = ((extensionProviders as unknown[] | null | undefined)?.length ?? 0) === 0
  return isEmpty ? others : {...others, extensionProviders}
}

/**
 * The edit that removes a provider from the mesh config.
 *
 * @param undo how to restore the text, if the record has it
 */
export function buildProviderRemoval(map: MeshMap, name: string, undo?: TextUndo): Edit {
  return buildMeshRestore(map.cluster, refOfMap(map), {
    about: `extensionProviders: remove ${name}`,
    edit: mesh => withoutProvider(mesh, name, undo),
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
  if (manager.tool === 'aks-istio') return ['--via shared-config writes it to the mesh config that the add-on reads']
  return [`--via helm-values prints the values to set where ${manager.name} reads them`]
}

function refOfMap({namespace, name}: MeshMap): ObjectRef {
  return {apiVersion: 'v1', kind: 'ConfigMap', namespace, name}
}
