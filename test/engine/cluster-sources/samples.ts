import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'

/** Where the objects of these tests are. */
export const at = 'capi://mgmt/fleet: Secret west-kubeconfig'

/** A Secret with these values. */
export function secretOf(name: string, values: Record<string, string>, more: object = {}): KubernetesObject {
  const data = Object.fromEntries(Object.entries(values).map(([key, value]) => [key, btoa(value)]))
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name, labels: {env: 'prod'}}, data, ...more}
}

/** A kubeconfig, as Cluster API writes it. */
export function kubeconfigOf(user: object, cluster: object = {}): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'west-admin@west',
    clusters: [{name: 'west', cluster: {server: 'https://west.example:6443', ...cluster}}],
    users: [{name: 'west-admin', user}],
    contexts: [{name: 'west-admin@west', context: {cluster: 'west', user: 'west-admin'}}],
  })
}

/** A kubeconfig Secret of Cluster API. */
export function capiSecret(user: object, cluster: object = {}): KubernetesObject {
  return secretOf('west-kubeconfig', {value: kubeconfigOf(user, cluster)}, {type: 'cluster.x-k8s.io/secret'})
}

/** A cluster Secret of Argo CD. */
export function argocdSecret(config: unknown, server = 'https://west.example:6443', name = 'west'): KubernetesObject {
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  return secretOf('cluster-west', {name, server, config: text})
}

/** A ClusterProfile whose access provider is `secret-reader`. */
export function profile(cluster: object, more: object = {}): KubernetesObject {
  const accessProviders = [
    {name: 'other', cluster: {}},
    {name: 'secret-reader', cluster},
  ]
  return {
    apiVersion: 'multicluster.x-k8s.io/v1alpha1',
    kind: 'ClusterProfile',
    metadata: {name: 'west', labels: {env: 'prod'}},
    status: {accessProviders, ...more},
  }
}
