import type {Apply} from '../engine/kubernetes/change.ts'
import type {ObjectKind} from '../engine/kubernetes/object.ts'
import {waves} from '../engine/kubernetes/waves.ts'
import {exposedHosts} from '../istio/exposed-hosts.ts'
import {names} from '../istio/names.ts'
import {resourceLabels} from '../istio/revision.ts'

/** The Services of a cluster that other clusters can reach. */
export interface Exposure {
  cluster: string
  systemNamespace: string
  revision?: string | undefined
  /** The control plane is a tenant: see `resourceLabels`. Default: false. */
  isTenant?: boolean
  /** Values of `--expose`, see `exposedHost`. Empty: all Services of the cluster domain. */
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
  const {isTenant = false, revision} = exposure
  const allHosts = exposure.clusterDomain.endsWith('.local') ? '*.local' : `*.${exposure.clusterDomain}`
  return [
    {
      action: 'apply',
      cluster: exposure.cluster,
      wave: waves.listeners,
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'Gateway',
        metadata: {
          name: names.crossNetworkGateway,
          namespace: exposure.systemNamespace,
          labels: resourceLabels({isTenant, revision}),
        },
        spec: {
          selector: {istio: 'eastwestgateway'},
          servers: [
            {
              // Without any host, Istio rejects the Gateway.
              hosts: exposure.hosts.length > 0 ? exposedHosts(exposure.hosts, exposure) : [allHosts],
              port: {name: 'tls', number: 15443, protocol: 'TLS'},
              tls: {mode: 'AUTO_PASSTHROUGH'},
            },
          ],
        },
      },
    },
  ]
}
