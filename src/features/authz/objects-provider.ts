import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {putMeshItem, removeMeshItem} from '../../istio/mesh-config-edit.ts'
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

/** The edit that adds a provider to the mesh config, or replaces the one with the same name. */
export function buildProviderEdit(map: MeshMap, provider: Provider): Edit {
  return {
    ...editOf(map),
    ...(map.shared ? {create: true} : {}),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: `extensionProviders: ${provider.name}`,
        edit: mesh => putMeshItem(mesh, list, provider),
      },
    ],
  }
}

/** The edit that removes a provider from the mesh config. */
export function buildProviderRemoval(map: MeshMap, name: string): Edit {
  return {
    ...editOf(map),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: `extensionProviders: remove ${name}`,
        edit: mesh => removeMeshItem(mesh, list, name),
        removes: true,
      },
    ],
  }
}

/** Whether the text of a mesh config contains a provider. */
export function hasProvider(mesh: string, name: string): boolean {
  return removeMeshItem(mesh, list, name) !== mesh
}

function editOf({cluster, namespace, name}: MeshMap): Omit<Edit, 'edits'> {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target: {apiVersion: 'v1', kind: 'ConfigMap', namespace, name},
  }
}
