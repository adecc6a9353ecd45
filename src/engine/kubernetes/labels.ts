/** Labels and annotations that more than one builder writes or reads. */

/** The network of a cluster's endpoints on the system namespace, of a gateway on its Service (istio.io/api label). */
export const networkLabel = 'topology.istio.io/network'

/** The revision that an Istio resource or an injected pod belongs to. */
export const revisionLabel = 'istio.io/rev'

/** Marks a Secret with kubeconfigs for istiod (istio/pkg/kube/multicluster, 1.24–1.31). */
export const multiClusterLabel = 'istio/multiCluster'

/** On a remote Secret: the cluster that its kubeconfig leads to (istioctl/pkg/multicluster/remote_secret.go). */
export const remoteClusterAnnotation = 'networking.istio.io/cluster'

/** On a remote cluster's system namespace: the clusters whose istiods may write there (istio.io/api annotation). */
export const controlPlaneClustersAnnotation = 'topology.istio.io/controlPlaneClusters'

/** On a token Secret: the cluster whose istiod uses the token. */
export const peerAnnotation = 'kubectl-mesh.io/peer'

/** On every object that we make whole. */
export const managedByLabels = {'app.kubernetes.io/managed-by': 'kubectl-mesh', 'app.kubernetes.io/part-of': 'istio'}

/** The `istio.io/rev` label of an Istio resource; without a revision none, as all control planes read it then. */
export function revisionLabels(revision: string | undefined): Record<string, string> {
  return revision ? {[revisionLabel]: revision} : {}
}
