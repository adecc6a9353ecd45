import type {Apply} from '../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../engine/kubernetes/labels.ts'
import type {ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {names} from '../istio/names.ts'

/** The Services of a cluster that other clusters can reach. */
export interface Exposure {
  cluster: string
  systemNamespace: string
  revision?: string | undefined
  /** Hosts in the notation of a Gateway's server. Empty: all Services of the cluster domain. */
  hosts: readonly string[]
  clusterDomain: string
}

/** The kinds that `buildExposure` creates. */
export const exposureKinds: readonly ObjectKind[] = [{apiVersion: 'networking.istio.io/v1', kind: 'Gateway'}]

/**
 * Returns the Gateway through which other clusters reach Services with mTLS. It routes by SNI and does not terminate
 * TLS.
 *
 * Source: istio samples/multicluster/expose-services.yaml (1.24–1.31). Its host `*.local` does not match a cluster
 * domain with another suffix, so such a domain gets its own host.
 */
export function buildExposure(exposure: Exposure): Apply[] {
  const allHosts = exposure.clusterDomain.endsWith('.local') ? '*.local' : `*.${exposure.clusterDomain}`
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
              hosts: exposure.hosts.length > 0 ? [...exposure.hosts] : [allHosts],
              port: {name: 'tls', number: 15443, protocol: 'TLS'},
              tls: {mode: 'AUTO_PASSTHROUGH'},
            },
          ],
        },
      },
    },
  ]
}
