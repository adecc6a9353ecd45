import {type ControlPlaneFacts, type ControlPlaneRef, readControlPlaneFacts} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {type MeshConfig, meshConfigOf} from '../../istio/mesh-config.ts'

const networking = 'networking.istio.io/v1'

/** What was read from a cluster to work out its localities. Lists hold the objects of all namespaces, unchanged. */
export interface LocalityFacts {
  cluster: Cluster
  controlPlane: ControlPlaneFacts
  mesh: MeshConfig
  /** Version of Kubernetes as a number: 1036 for 1.36. Undefined if the server does not report it. */
  kubernetes: number | undefined
  nodes: KubernetesObject[]
  /** DestinationRules. */
  rules: KubernetesObject[]
  services: KubernetesObject[]
  serviceEntries: KubernetesObject[]
  workloadEntries: KubernetesObject[]
  slices: KubernetesObject[]
  pods: KubernetesObject[]
  namespaces: KubernetesObject[]
}

/**
 * Reads everything that determines which endpoints clients use, with one LIST per kind.
 *
 * @throws UnreachableError, ApiError
 */
export async function readLocalityFacts(cluster: Cluster, where: ControlPlaneRef): Promise<LocalityFacts> {
  const all = (apiVersion: string, kind: string) => cluster.list({apiVersion, kind})
  const [controlPlane, version, nodes, rules, services, serviceEntries, workloadEntries, slices, pods, namespaces] =
    await Promise.all([
      readControlPlaneFacts(cluster, where),
      cluster.read('/version') as Promise<{gitVersion?: string}>,
      all('v1', 'Node'),
      all(networking, 'DestinationRule'),
      all('v1', 'Service'),
      all(networking, 'ServiceEntry'),
      all(networking, 'WorkloadEntry'),
      all('discovery.k8s.io/v1', 'EndpointSlice'),
      all('v1', 'Pod'),
      all('v1', 'Namespace'),
    ])
  return {
    cluster,
    controlPlane,
    mesh: meshConfigOf(controlPlane.meshText),
    kubernetes: minorOf(version.gitVersion),
    nodes,
    rules,
    services,
    serviceEntries,
    workloadEntries,
    slices,
    pods,
    namespaces,
  }
}
