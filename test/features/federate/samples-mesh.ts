import type {ControlPlaneFacts} from '../../../src/control-plane/read.ts'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {AuthzFacts} from '../../../src/features/authz/read.ts'
import type {LocalityFacts} from '../../../src/features/locality/read.ts'

const cluster = {context: 'east'} as Cluster

/** A control plane that is ready. */
export function planeFacts(more: Partial<ControlPlaneFacts> & {version?: string} = {}): ControlPlaneFacts {
  const {version = '1.31.0', ...rest} = more
  return {
    controlPlane: {
      revision: 'default',
      namespace: 'istio-system',
      version,
      cluster: 'east',
      network: undefined,
      meshId: undefined,
      trustDomain: 'cluster.local',
      trustDomainAliases: [],
      acceptedTrustDomains: ['cluster.local'],
      externalCa: undefined,
      manager: undefined,
      capturesDns: false,
      allocatesAddresses: true,
      servesRemotes: false,
      readsRemoteSecrets: true,
      discoverySelectors: [],
      meshConfigProblems: [],
      replicas: 1,
      ready: 1,
    },
    revisions: ['default'],
    meshMap: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'istio'}, data: {mesh: ''}},
    meshText: '',
    shared: undefined,
    isTenant: false,
    env: {},
    ...rest,
  }
}

/** Facts of a cluster without objects, except those in `more`. */
export function localityFacts(more: Partial<LocalityFacts> = {}): LocalityFacts {
  return {
    cluster,
    revision: undefined,
    controlPlane: planeFacts(),
    mesh: {},
    kubernetes: 1036,
    nodes: [],
    rules: [],
    unreadRules: [],
    services: [],
    serviceEntries: [],
    workloadEntries: [],
    slices: [],
    pods: [],
    namespaces: [],
    ...more,
  }
}

/** The same for `authz`. */
export function authzFacts(more: Partial<AuthzFacts> = {}): AuthzFacts {
  return {
    cluster,
    revision: undefined,
    tags: new Map(),
    controlPlane: planeFacts(),
    otherRevisions: new Map(),
    extensionProviders: new Map(),
    meshTexts: new Map(),
    mesh: {},
    providers: [],
    providerNames: [],
    policies: [],
    allPolicies: [],
    filters: [],
    unread: [],
    services: [],
    serviceEntries: [],
    slices: [],
    pods: [],
    namespaces: [],
    workloads: [],
    gateways: [],
    apiGateways: [],
    ...more,
  }
}

/**
 * An object with apiVersion `v1`, unless `more` sets another.
 *
 * @param place `NAMESPACE/NAME`, or `NAME` for an object without a namespace
 */
export function object(
  kind: string,
  place: string,
  more: {metadata?: object; [field: string]: unknown} = {},
): KubernetesObject {
  const [namespace, name] = place.includes('/') ? place.split('/') : [undefined, place]
  const {metadata, ...rest} = more
  return {apiVersion: 'v1', kind, metadata: {name: name!, ...(namespace ? {namespace} : {}), ...metadata}, ...rest}
}
