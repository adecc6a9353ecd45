import type {Ground} from '../../support/ground/ground.ts'

/** A feature whose record is lost after its first run. */
export interface Feature {
  name: string
  /** Name of the ConfigMap. */
  record: (namespace: string) => string
  apply: (ground: Ground, namespace: string) => string[]
  /** Undefined for a feature without a removal. */
  remove: ((namespace: string) => string[]) | undefined
  /** An object that the first run created. */
  object: (namespace: string) => string
}

/** The features that create objects in namespaces that others administer. */
export const features: Feature[] = [
  {
    name: 'vm',
    record: namespace => `kubectl-mesh-vm-${namespace}-web`,
    apply: (ground, namespace) => [
      ...['vm', 'register', 'web', '-n', namespace, '--service-account', 'web', '--gateway-address', '127.0.0.1'],
      ...['--output-dir', `${ground.folder}/bundle`],
    ],
    remove: namespace => ['vm', 'remove', 'web', '-n', namespace],
    object: namespace => `/api/v1/namespaces/${namespace}/secrets/kubectl-mesh-vm-web`,
  },
  {
    // The name of the namespace: a policy with the same provider in a namespace of another test would block the removal.
    name: 'authz',
    record: namespace => `kubectl-mesh-authz-${namespace}`,
    apply: (_, namespace) => [
      'authz',
      'attach',
      namespace,
      '--service',
      'ext:9000',
      '-n',
      namespace,
      '--to',
      'workload/web',
    ],
    remove: namespace => ['authz', 'detach', namespace],
    object: namespace => `/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/${namespace}`,
  },
  {
    name: 'locality',
    record: () => 'kubectl-mesh-locality',
    apply: (_, namespace) => [
      'locality',
      'balance',
      'ext',
      '-n',
      namespace,
      '--failover-priority',
      'topology.kubernetes.io/region',
    ],
    remove: undefined,
    object: namespace => `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/ext-locality`,
  },
  {
    name: 'ingress',
    record: namespace => `kubectl-mesh-ingress-${namespace}.front`,
    apply: (_, namespace) => ['ingress', 'deploy', 'front', '-n', namespace, '--no-wait'],
    remove: namespace => ['ingress', 'remove', 'front', '-n', namespace],
    object: namespace => `/api/v1/namespaces/${namespace}/services/front`,
  },
]
