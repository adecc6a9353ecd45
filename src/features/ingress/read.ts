import {type ControlPlaneFacts, readControlPlaneFacts} from '../../control-plane/read.ts'
import {readInjectors} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {resolveRevision} from '../../istio/injection.ts'

/** State of a cluster before an ingress gateway is deployed. Objects are as the API server returns them. */
export interface IngressFacts {
  cluster: Cluster
  /** The control plane of the requested revision or tag. */
  controlPlane: ControlPlaneFacts
  injectors: KubernetesObject[]
  /** Namespace of the gateway; undefined if it does not exist. */
  namespace: KubernetesObject | undefined
  /** Existing Deployment, DaemonSet and Service with the name of the gateway. */
  existing: KubernetesObject[]
  nodes: KubernetesObject[]
  /** Pods in all namespaces. */
  pods: KubernetesObject[]
  /** Services in all namespaces. */
  services: KubernetesObject[]
}

/**
 * Reads everything that determines whether a gateway can run, with one LIST request per kind.
 *
 * @param gateway.revision revision or tag; undefined for the default
 * @throws UnreachableError, ApiError
 */
export async function readIngressFacts(
  cluster: Cluster,
  gateway: {name: string; namespace: string; systemNamespace: string; revision: string | undefined},
): Promise<IngressFacts> {
  const {name, namespace, systemNamespace, revision} = gateway
  const named = (apiVersion: string, kind: string) => cluster.get({apiVersion, kind, namespace, name})
  const [{injectors, controlPlane}, found, existing, nodes, pods, services] = await Promise.all([
    readInjectors(cluster).then(async injectors => ({
      injectors,
      controlPlane: await readControlPlaneFacts(cluster, {
        systemNamespace,
        revision: resolveRevision(revision, injectors),
      }),
    })),
    cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace}),
    Promise.all([named('apps/v1', 'Deployment'), named('apps/v1', 'DaemonSet'), named('v1', 'Service')]),
    cluster.list({apiVersion: 'v1', kind: 'Node'}),
    cluster.list({apiVersion: 'v1', kind: 'Pod'}),
    cluster.list({apiVersion: 'v1', kind: 'Service'}),
  ])
  return {
    cluster,
    controlPlane,
    injectors,
    namespace: found,
    existing: existing.filter(object => object !== undefined),
    nodes,
    pods,
    services,
  }
}
