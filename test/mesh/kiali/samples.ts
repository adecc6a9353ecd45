import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'

/** Kiali as Istio's manifest creates it, with further volumes and mounts. */
export function kialiDeployment(volumes: object[] = [], mounts: object[] = []): KubernetesObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'kiali', namespace: 'obs', labels: {app: 'kiali'}},
    spec: {
      template: {
        spec: {
          containers: [{name: 'kiali', volumeMounts: [{name: 'c', mountPath: '/kiali-configuration'}, ...mounts]}],
          volumes: [{name: 'c', configMap: {name: 'kiali'}}, ...volumes],
        },
      },
    },
  }
}

/** An object that `mesh addon connect` has created. */
export function created(kind: string, name: string, more: object = {}, namespace?: string): KubernetesObject {
  return {
    apiVersion: kind.startsWith('Cluster') ? 'rbac.authorization.k8s.io/v1' : 'v1',
    kind,
    metadata: {name, uid: `uid-${name}`, ...(namespace === undefined ? {} : {namespace}), ...more},
  }
}

/** Kiali's Secret for a cluster. */
export function kialiSecret(target: string): KubernetesObject {
  const marks = {labels: {'kiali.io/multiCluster': 'true'}, annotations: {'kiali.io/cluster': target}}
  return created('Secret', `kiali-remote-cluster-secret-${target}`, marks, 'obs')
}

/** The token Secret of the Kiali of another cluster. */
export function kialiToken(peer: string): KubernetesObject {
  return created('Secret', `kiali-remote-token-${peer}`, {annotations: {'kubectl-mesh.io/peer': peer}}, 'istio-system')
}

/** The account of Kiali with its permissions. */
export const account = [
  created('ServiceAccount', 'kiali-remote-access', {}, 'istio-system'),
  created('ClusterRole', 'kiali-remote-access-istio-system'),
  created('ClusterRoleBinding', 'kiali-remote-access-istio-system'),
]
