import type {Edit} from '../../engine/kubernetes/change.ts'
import {removeMeshValue} from '../../istio/mesh-config-edit.ts'
import {buildDnsCapture, dnsCapturePath, type MeshConfigPlace} from './objects-capture.ts'

/** Reverts `buildDnsCapture`. Pods use the setting after a restart. */
export function buildDnsUncapture(place: MeshConfigPlace): Edit {
  return {
    ...buildDnsCapture(place),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: 'defaultConfig.proxyMetadata: remove ISTIO_META_DNS_CAPTURE',
        edit: mesh => removeMeshValue(mesh, dnsCapturePath),
      },
    ],
  }
}
