import {type ControlPlaneFacts, type ControlPlaneRef, readControlPlaneFacts} from '../../control-plane/read.ts'
import {readRevision} from '../../control-plane/revision.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {minorOf} from '../../istio/control-plane.ts'
import {type MeshConfig, meshConfigOf} from '../../istio/mesh-config.ts'
import {isReadBy} from '../../istio/revision.ts'

const networking = 'networking.istio.io/v1'

/** What was read from a cluster to work out its localities. Lists hold the objects of all namespaces, unchanged. */
export interface LocalityFacts {
  cluster: Cluster
  /** The requested revision, with a tag resolved; undefined for the control plane without a revision. */
  revision: string | undefined
  controlPlane: ControlPlaneFacts
  mesh: MeshConfig
  /** Version of Kubernetes as a number: 1036 for 1.36. Undefined if the server does not report it. */
  kubernetes: number | undefined
  nodes: KubernetesObject[]
  /** DestinationRules that the revision reads. */
  rules: KubernetesObject[]
  /** DestinationRules with the label of another revision. */
  unreadRules: KubernetesObject[]
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
  const {systemNamespace} = where
  const [control, version, nodes, rules, services, serviceEntries, workloadEntries, slices, pods, namespaces] =
    await Promise.all([
      readRevision(cluster, where.revision).then(async revision => ({
        revision,
        controlPlane: await readControlPlaneFacts(cluster, {systemNamespace, revision}),
      })),
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
  const isRead = (object: KubernetesObject) => isReadBy(object, control.revision)
  return {
    cluster,
    ...control,
    mesh: meshConfigOf(control.controlPlane.meshText),
    kubernetes: minorOf(version.gitVersion),
    nodes,
    rules: rules.filter(isRead),
    unreadRules: rules.filter(rule => !isRead(rule)),
    services,
    serviceEntries: serviceEntries.filter(isRead),
    workloadEntries: workloadEntries.filter(isRead),
    slices,
    pods,
    namespaces,
  }
}
