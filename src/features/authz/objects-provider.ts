import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {putMeshItem, removeMeshItem} from '../../istio/mesh-config-edit.ts'
import type {Provider} from './objects.ts'

const list = ['extensionProviders']

/** Where a mesh config lies. */
export interface MeshMap {
  cluster: string
  namespace: string
  /** Name of the ConfigMap; its key is `mesh`. */
  name: string
  /** It is a ConfigMap of its own, which may have to be made. */
  shared: boolean
}

/** Puts a provider into the mesh config, in the place of its namesake. */
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

/** Takes a provider out of the mesh config. */
export function buildProviderRemoval(map: MeshMap, name: string): Edit {
  return {
    ...editOf(map),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: `extensionProviders: ${name} goes`,
        edit: mesh => removeMeshItem(mesh, list, name),
        removes: true,
      },
    ],
  }
}

function editOf({cluster, namespace, name}: MeshMap): Omit<Edit, 'edits'> {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target: {apiVersion: 'v1', kind: 'ConfigMap', namespace, name},
  }
}
