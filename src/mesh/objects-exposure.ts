import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../engine/kubernetes/labels.ts'
import type {ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {names} from '../istio/names.ts'

/** What is opened to the other clusters. */
export interface Exposure {
  cluster: string
  systemNamespace: string
  revision?: string | undefined
  /** Hosts as a Gateway's server takes them; none means all Services of the cluster domain. */
  hosts: readonly string[]
  clusterDomain: string
}

/** The kinds of `buildExposure`. */
export const exposureKinds: readonly ObjectKind[] = [{apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}]

/**
 * Lets mTLS of the other clusters through the east-west gateway to the Services that `hosts` name, by SNI and without
 * ending it there (istio samples/multicluster/expose-services.yaml, 1.24–1.31). The default `*.local` misses a cluster
 * domain of another ending, which is why the domain comes in.
 */
export function buildExposure(exposure: Exposure): Apply[] {
  const everything = exposure.clusterDomain.endsWith('.local') ? '*.local' : `*.${exposure.clusterDomain}`
  return [
    {
      action: 'apply',
      cluster: exposure.cluster,
      wave: waves.exposure,
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: {
          name: names.crossNetworkGateway,
          namespace: exposure.systemNamespace,
          labels: {...managedByLabels, ...revisionLabels(exposure.revision)},
        },
        spec: {
          selector: {istio: 'eastwestgateway'},
          servers: [
            {
              hosts: exposure.hosts.length > 0 ? [...exposure.hosts] : [everything],
              port: {name: 'tls', number: 15443, protocol: 'TLS'},
              tls: {mode: 'AUTO_PASSTHROUGH'},
            },
          ],
        },
      },
    },
  ]
}
