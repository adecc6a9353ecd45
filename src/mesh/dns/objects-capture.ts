import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {setMeshValue} from '../../istio/mesh-config-edit.ts'
import {revisioned} from '../../istio/names.ts'

/** The mesh config of a control plane. */
export interface MeshConfigPlace {
  cluster: string
  systemNamespace: string
  revision: string | undefined
}

/** Path of the setting in the mesh config (istio.io, "DNS Proxying"). */
export const dnsCapturePath = ['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']

/**
 * Enables DNS capture in ConfigMap `istio[-rev]`: proxies answer the DNS queries of their pods. Hosts of ServiceEntries
 * resolve then, and istiod allocates addresses for them. Pods use the setting after a restart.
 */
export function buildDnsCapture({cluster, systemNamespace, revision}: MeshConfigPlace): Edit {
  return {
    action: 'edit',
    cluster,
    wave: waves.controlPlane,
    target: {apiVersion: 'v1', kind: 'ConfigMap', namespace: systemNamespace, name: revisioned('istio', revision)},
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: 'defaultConfig.proxyMetadata: set ISTIO_META_DNS_CAPTURE to true',
        edit: mesh => setMeshValue(mesh, dnsCapturePath, 'true'),
      },
    ],
  }
}
