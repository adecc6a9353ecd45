import type {Edit} from '../../engine/kubernetes/change.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {setMeshValue} from '../../istio/mesh-config-edit.ts'
import {revisioned} from '../../istio/names.ts'

/** Which mesh config. */
export interface MeshConfigPlace {
  cluster: string
  systemNamespace: string
  revision: string | undefined
}

/**
 * Lets the proxies of all pods answer DNS queries (ConfigMap `istio[-rev]`, `defaultConfig.proxyMetadata.
 * ISTIO_META_DNS_CAPTURE`): hosts of ServiceEntries resolve then, and get addresses of their own. Pods take it when they
 * are made anew.
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
        about: 'defaultConfig.proxyMetadata: ISTIO_META_DNS_CAPTURE is true',
        edit: mesh => setMeshValue(mesh, ['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE'], 'true'),
      },
    ],
  }
}
