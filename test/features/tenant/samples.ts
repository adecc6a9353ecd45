import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Tenant} from '../../../src/features/tenant/istio.ts'
import type {PodFacts} from '../../../src/features/tenant/istio-pods.ts'
import type {ZtunnelSettings} from '../../../src/istio/ambient.ts'

/** A tenant that `mesh tenant add` created with default names. */
export function tenantOf(name: string, more: Partial<Tenant> = {}): Tenant {
  return {
    name,
    namespace: name,
    revision: name,
    version: '1.31.0',
    replicas: 1,
    ready: 1,
    selectors: [{matchLabels: {usergroup: name}}],
    rootNamespace: name,
    trustBundle: 'istio-ca-root-cert',
    revocations: 'istio-ca-crl',
    label: {key: 'usergroup', value: name},
    via: 'istioctl',
    installed: true,
    proved: true,
    recorded: true,
    otherSelector: undefined,
    ...more,
  }
}

/** A Namespace with labels. */
export function namespaceOf(name: string, labels: Record<string, string> = {}): KubernetesObject {
  return {apiVersion: 'v1', kind: 'Namespace', metadata: {name, labels}}
}

/** The labels of an application namespace of a tenant. */
export function labelsOf(tenant: string): Record<string, string> {
  return {usergroup: tenant, 'istio.io/rev': tenant}
}

/** A pod with a running sidecar of a revision, whose istiod is in the namespace of the same name. */
export function podOf(namespace: string, name: string, revision: string, more: Partial<PodFacts> = {}): PodFacts {
  const istiod = `istiod-${revision}.${revision}.svc:15012`
  return {
    name,
    namespace,
    proxy: {pod: name, namespace, revision, istiod, alive: true},
    owner: {kind: 'Deployment', name},
    refuses: false,
    hostNetwork: false,
    running: true,
    ...more,
  }
}

/** A ztunnel that the istiod in a namespace configures. */
export function ztunnelOf(namespace: string): ZtunnelSettings {
  return {
    name: 'istio-system/ztunnel',
    network: undefined,
    cluster: undefined,
    istiod: `istiod.${namespace}.svc:15012`,
  }
}
