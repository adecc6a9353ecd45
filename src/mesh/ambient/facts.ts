import {isDefined} from '../../control-plane/read-definitions.ts'
import {readTaggedInjectors} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import {networkLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type Membership, readMembership} from '../../engine/plan/membership.ts'
import {isZtunnel, readZtunnel, type ZtunnelSettings} from '../../istio/ambient.ts'
import type {ControlPlane} from '../../istio/control-plane.ts'
import {ambientApplySet, gatewayApiKind} from './objects.ts'
import {type DataPlane, recordedDataPlane} from './record.ts'

/** What was read from a cluster whose istiod serves pods in ambient mode. */
export interface AmbientFacts {
  /** The Gateway API is installed. */
  hasGatewayApi: boolean
  /** Names of the GatewayClasses. istiod creates them. */
  classes: ReadonlySet<string>
  /** Gateways of the Gateway API with the label of a network, of all namespaces. */
  gateways: readonly KubernetesObject[]
  /** The DaemonSets of ztunnel. */
  ztunnels: readonly ZtunnelSettings[]
  /** Istio's sidecar injectors, which name the revisions of tags. Empty without the permission to list them. */
  injectors: readonly KubernetesObject[]
  /** What earlier runs created for ambient mode. */
  membership: Membership
}

/** Returns whether the facts of ambient mode are needed in a cluster. Other clusters need no further reads. */
export function needsAmbient(
  dataPlane: DataPlane | undefined,
  controlPlanes: readonly ControlPlane[],
  record: KubernetesObject | undefined,
): boolean {
  const known = [dataPlane ?? 'sidecar', recordedDataPlane(record)]
  return known.some(one => one !== 'sidecar') || controlPlanes.some(({ambient}) => ambient !== undefined)
}

/**
 * Reads what ambient mode needs in a cluster, in parallel.
 *
 * @throws ApiError, UnreachableError
 */
export async function readAmbientFacts(
  cluster: Cluster,
  where: {systemNamespace: string; trustLabels?: boolean},
): Promise<AmbientFacts> {
  const {apiVersion} = gatewayApiKind
  const {trustLabels = false} = where
  const [hasGatewayApi, classes, gateways, daemonSets, injectors, membership] = await Promise.all([
    isDefined(cluster, 'gateways.gateway.networking.k8s.io'),
    cluster.list({apiVersion, kind: 'GatewayClass'}),
    cluster.list(gatewayApiKind, {labelSelector: networkLabel}),
    cluster.list({apiVersion: 'apps/v1', kind: 'DaemonSet'}),
    readTaggedInjectors(cluster),
    readMembership(cluster, ambientApplySet(where), {trustLabels}),
  ])
  return {
    hasGatewayApi,
    classes: new Set(classes.map(({metadata}) => metadata.name)),
    gateways,
    ztunnels: daemonSets.filter(isZtunnel).map(readZtunnel),
    injectors,
    membership,
  }
}
