import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {TenantVerifyFacts} from '../../../../src/features/tenant/verify/read.ts'
import {labelsOf, namespaceOf, podOf, tenantOf} from '../samples.ts'

/** A webhook configuration of a revision that calls a Service in the namespace of the same name. */
export function webhookOf(kind: 'Mutating' | 'Validating', revision: string, service = `istiod-${revision}`) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: {name: `${kind.toLowerCase()}-${revision}`, labels: {'istio.io/rev': revision}},
    webhooks: [
      {
        name: 'w',
        namespaceSelector: {matchLabels: {'istio.io/rev': revision}},
        clientConfig: {caBundle: 'x', service: {name: service, namespace: revision}},
      },
    ],
  } satisfies KubernetesObject
}

/** A PeerAuthentication of a namespace. */
export function policyOf(namespace: string, mode: string): KubernetesObject {
  return {
    apiVersion: 'security.istio.io/v1',
    kind: 'PeerAuthentication',
    metadata: {name: 'default', namespace},
    spec: {mtls: {mode}},
  }
}

/** A ClusterRole. */
export function roleOf(name: string): KubernetesObject {
  return {apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: {name}}
}

/** Two complete tenants, `a` with the namespace `app-1` and `b` with `app-2`. No check finds anything. */
export function factsOf(more: Partial<TenantVerifyFacts> = {}): TenantVerifyFacts {
  const names = ['a', 'b']
  return {
    // No check uses the connection.
    cluster: undefined as never,
    tenants: names.map(name => tenantOf(name)),
    namespaces: [
      namespaceOf('a', {usergroup: 'a'}),
      namespaceOf('b', {usergroup: 'b'}),
      namespaceOf('app-1', labelsOf('a')),
      namespaceOf('app-2', labelsOf('b')),
    ],
    injectors: names.map(name => webhookOf('Mutating', name)),
    validators: names.map(name => webhookOf('Validating', name)),
    tags: new Map(),
    records: new Map(),
    unprovedRecords: [],
    pods: [podOf('app-1', 'web', 'a'), podOf('app-2', 'web', 'b')],
    proxies: new Map(),
    roots: new Map(
      [
        ['a', 'root a'],
        ['app-1', 'root a'],
        ['b', 'root b'],
        ['app-2', 'root b'],
      ].map(([namespace, root]) => [`${namespace}/istio-ca-root-cert`, root!]),
    ),
    services: new Set(['a/istiod-a', 'b/istiod-b']),
    policies: names.map(name => policyOf(name, 'STRICT')),
    unlabelled: [],
    ztunnels: [],
    roles: names.map(name => roleOf(`istiod-clusterrole-${name}-${name}`)),
    ...more,
  }
}
