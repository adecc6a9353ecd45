import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {multiClusterLabel} from '../../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {istiodEnv} from '../../../istio/istiod.ts'
import type {Run} from '../../../run/run.ts'
import {clusterNameFrom} from '../../../spec/context-ref.ts'
import {type CaMember, readCaMember} from '../change/read.ts'
import type {CaScope} from '../change/spec.ts'
import {type MeshProxy, readMeshProxies} from './read-proxies.ts'

/** A cluster whose root changes. */
export interface RotationMember extends CaMember {
  /** The variable ISTIO_MULTIROOT_MESH of each Deployment of istiod, by name. */
  multiRoot: ReadonlyMap<string, string | undefined>
  proxies: readonly MeshProxy[]
  /** Namespaces in ambient mode. */
  ambientNamespaces: readonly string[]
  /** `NAMESPACE/NAME` of the WorkloadGroups, which stand for VMs. */
  vms: readonly string[]
  /** Clusters that the istiods read. */
  readClusters: readonly string[]
}

/**
 * Reads a cluster, with everything that depends on its root.
 *
 * @throws MeshError (exit 2) for an unknown context, (exit 3) if the cluster cannot be read
 */
export async function readRotationMember(scope: CaScope, context: string, run: Run): Promise<RotationMember> {
  const member = await readCaMember(scope, context, run)
  const {cluster, systemNamespace} = member
  return inCluster(clusterNameFrom(context), async () => {
    const [deployments, proxies, namespaces, groups, secrets] = await Promise.all([
      cluster.list(
        {apiVersion: 'apps/v1', kind: 'Deployment'},
        {namespace: systemNamespace, labelSelector: 'app=istiod'},
      ),
      readMeshProxies(cluster, systemNamespace),
      cluster.list({apiVersion: 'v1', kind: 'Namespace'}, {labelSelector: 'istio.io/dataplane-mode=ambient'}),
      readGroups(cluster),
      cluster.list(
        {apiVersion: 'v1', kind: 'Secret'},
        {namespace: systemNamespace, labelSelector: `${multiClusterLabel}=true`},
      ),
    ])
    return {
      ...member,
      multiRoot: new Map(deployments.map(one => [one.metadata.name, istiodEnv(one).ISTIO_MULTIROOT_MESH])),
      proxies,
      ambientNamespaces: namespaces.map(({metadata}) => metadata.name),
      vms: groups.map(({metadata: {namespace, name}}) => `${namespace}/${name}`),
      readClusters: secrets.flatMap(({data}) => Object.keys(data ?? {})),
    }
  })
}

function readGroups(cluster: Cluster): Promise<KubernetesObject[]> {
  return cluster.list({apiVersion: 'networking.istio.io/v1', kind: 'WorkloadGroup'})
}
