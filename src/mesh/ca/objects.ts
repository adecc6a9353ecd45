import type {Apply} from '../../engine/kubernetes/change.ts'
import {managedByLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {names} from '../../istio/names.ts'
import type {CaCerts} from '../../pki/ca-certs.ts'
import {caData} from '../../pki/ca-certs.ts'

/** The decoded data of a Secret, by key. */
export function readCaSecret(secret: KubernetesObject): Record<string, string> {
  const data = (secret.data ?? {}) as Record<string, string>
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]))
}

/** Builds the Secret `cacerts`. It remains when a cluster leaves the mesh: all workload certificates depend on it. */
export function buildCaSecret(ca: CaCerts, cluster: string, systemNamespace: string): Apply {
  const data = Object.entries(caData(ca)).map(([key, pem]) => [key, Buffer.from(pem).toString('base64')])
  return {
    action: 'apply',
    cluster,
    wave: waves.ca,
    stays: true,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {name: names.caSecret, namespace: systemNamespace, labels: {...managedByLabels}},
      type: 'Opaque',
      data: Object.fromEntries(data),
    },
  }
}
