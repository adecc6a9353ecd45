import type {Edit} from '../../engine/kubernetes/change.ts'
import {removeMeshValue} from '../../istio/mesh-config-edit.ts'
import {buildDnsCapture, type MeshConfigPlace} from './objects-capture.ts'

/** Undoes `buildDnsCapture`. Pods keep what they have until they are made anew. */
export function buildDnsUncapture(place: MeshConfigPlace): Edit {
  return {
    ...buildDnsCapture(place),
    edits: [
      {
        at: 'text',
        path: ['data', 'mesh'],
        about: 'defaultConfig.proxyMetadata: ISTIO_META_DNS_CAPTURE goes',
        edit: mesh => removeMeshValue(mesh, ['defaultConfig', 'proxyMetadata', 'ISTIO_META_DNS_CAPTURE']),
      },
    ],
  }
}
