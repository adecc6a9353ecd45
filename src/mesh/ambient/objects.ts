import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Apply} from '../../engine/kubernetes/change.ts'
import {managedByLabels, networkLabel, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {ObjectKind} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {ambientGatewayClass, hbonePort} from '../../istio/ambient.ts'
import {isOfSystemNamespace} from '../../istio/system-objects.ts'

/** The Gateway of the Gateway API. */
export const gatewayApiKind: ObjectKind = {apiVersion: 'gateway.networking.k8s.io/v1', kind: 'Gateway'}

/**
 * Name of the gateway. istiod creates a Deployment and a Service of the same name, so it differs from that of the gateway for
 * sidecars: a mesh may have both.
 */
export const ambientGatewayName = 'istio-eastwestgateway-ambient'

/** Returns the ApplySet of what ambient mode needs in a cluster. Clusters of sidecars do not have it. */
export function ambientApplySet({systemNamespace}: {systemNamespace: string}): ApplySet {
  return {
    name: 'kubectl-mesh-ambient',
    namespace: systemNamespace,
    kinds: [gatewayApiKind],
    inNamespace: true,
    contains: object => isOfSystemNamespace(object, systemNamespace),
  }
}

/** Settings of a gateway for pods in ambient mode. */
export interface AmbientGateway {
  /** Name of the cluster in the mesh. */
  cluster: string
  network: string
  systemNamespace: string
  /** The revision or tag whose istiod creates the gateway. Without one, the default istiod does. */
  revision: string | undefined
  /** Annotations of the Service that istiod creates. */
  annotations: Readonly<Record<string, string>>
}

/**
 * Returns the gateway through which ztunnels of other networks reach the pods of a cluster. istiod creates its Deployment and
 * its Service (istio samples/multicluster/gen-eastwest-gateway.sh, `--ambient`, 1.27–1.31).
 *
 * Trap: istiods of other clusters ignore it without the label of the network, with another class, and with another TLS mode than
 * Terminate.
 */
export function buildAmbientGateway(gateway: AmbientGateway): Apply {
  const {cluster, network, systemNamespace: namespace, revision, annotations} = gateway
  return {
    action: 'apply',
    cluster,
    wave: waves.gateways,
    memberOf: ambientApplySet(gateway),
    object: {
      ...gatewayApiKind,
      metadata: {
        name: ambientGatewayName,
        namespace,
        labels: {...managedByLabels, [networkLabel]: network, ...revisionLabels(revision)},
      },
      spec: {
        gatewayClassName: ambientGatewayClass,
        ...(Object.keys(annotations).length > 0 ? {infrastructure: {annotations}} : {}),
        listeners: [
          {
            name: 'mesh',
            port: hbonePort,
            protocol: 'HBONE',
            tls: {mode: 'Terminate', options: {'gateway.istio.io/tls-terminate-mode': 'ISTIO_MUTUAL'}},
          },
        ],
      },
    },
  }
}
