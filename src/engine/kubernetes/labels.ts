/** Network: of a cluster's endpoints on its system namespace, of a gateway on its Service (istio.io/api label). */
export const networkLabel = 'topology.istio.io/network'

/** On the objects that istiod creates for a Gateway of the Gateway API, with its name (gateway-api, GEP-1762). */
export const gatewayNameLabel = 'gateway.networking.k8s.io/gateway-name'

/** Revision of an Istio resource or of an injected pod. */
export const revisionLabel = 'istio.io/rev'

/** Marks a remote Secret, which contains kubeconfigs for istiod (istio/pkg/kube/multicluster, 1.24–1.31). */
export const multiClusterLabel = 'istio/multiCluster'

/** On a remote Secret: name of the cluster of its kubeconfig (istioctl/pkg/multicluster/remote_secret.go). */
export const remoteClusterAnnotation = 'networking.istio.io/cluster'

/** On a remote cluster's system namespace: the clusters whose istiods manage it (istio.io/api annotation). */
export const controlPlaneClustersAnnotation = 'topology.istio.io/controlPlaneClusters'

/** On a token Secret: name of the cluster whose istiod uses the token. */
export const peerAnnotation = 'kubectl-mesh.io/peer'

/** Labels of every object that kubectl-mesh creates as a whole. */
export const managedByLabels = {'app.kubernetes.io/managed-by': 'kubectl-mesh', 'app.kubernetes.io/part-of': 'istio'}

/** Returns the `istio.io/rev` label of an Istio resource. Empty without a revision: then all control planes read it. */
export function revisionLabels(revision: string | undefined): Record<string, string> {
  return revision ? {[revisionLabel]: revision} : {}
}
