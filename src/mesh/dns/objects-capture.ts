import {buildMeshEdit, buildMeshRestore} from '../../control-plane/objects-mesh-config.ts'
import {meshMapRef} from '../../control-plane/read.ts'
import type {Edit} from '../../engine/kubernetes/change.ts'
import {removeMeshValue, setMeshValue} from '../../istio/mesh-config-edit.ts'

/** The mesh config of a control plane. */
export interface MeshConfigPlace {
  cluster: string
  systemNamespace: string
  revision: string | undefined
}

/** Path of the setting in the mesh config (istio.io, "DNS Proxying"). */
const path = ['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']

/**
 * Enables DNS capture in ConfigMap `istio[-rev]`: proxies answer the DNS queries of their pods. Hosts of ServiceEntries
 * resolve then, and istiod allocates addresses for them. Pods use the setting after a restart.
 */
export function buildDnsCapture(place: MeshConfigPlace): Edit {
  return buildMeshEdit(
    place.cluster,
    meshMapRef(place),
    {
      about: 'defaultConfig.proxyMetadata: set ISTIO_META_DNS_CAPTURE to true',
      edit: mesh => setMeshValue(mesh, path, 'true'),
    },
    {path, value: 'true', effect: 'pods that start cannot resolve hosts of ServiceEntries'},
  )
}

/** Reverts `buildDnsCapture`. Pods use the setting after a restart. */
export function buildDnsUncapture(place: MeshConfigPlace): Edit {
  return buildMeshRestore(place.cluster, meshMapRef(place), {
    about: 'defaultConfig.proxyMetadata: remove ISTIO_META_DNS_CAPTURE',
    edit: mesh => removeMeshValue(mesh, path),
  })
}
