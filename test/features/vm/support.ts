import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Membership} from '../../../src/engine/plan/membership.ts'
import type {VmFacts} from '../../../src/features/vm/facts.ts'
import type {VmControlPlane} from '../../../src/features/vm/istio-control-plane.ts'
import type {SharingFacts} from '../../../src/features/vm/shared/plan.ts'

/** A control plane without problems. */
export const controlPlane: VmControlPlane = {
  revision: 'default',
  namespace: 'istio-system',
  version: '1.31.0',
  cluster: 'east',
  network: 'net-east',
  meshId: undefined,
  trustDomain: 'cluster.local',
  replicas: 1,
  ready: 1,
  servesRemotes: false,
  readsRemoteSecrets: true,
  allocatesAddresses: true,
  defaultConfig: {},
  injectorCluster: 'east',
  rootConfigMap: 'istio-ca-root-cert',
  autoRegistration: true,
  healthChecks: true,
  capturesDns: false,
  discoverySelectors: [],
  meshConfigProblems: [],
  trustDomainAliases: [],
  acceptedTrustDomains: ['cluster.local'],
  externalCa: undefined,
  manager: undefined,
  invalid: [],
}

/** The Service of an east-west gateway with an address. */
export const gateway: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'istio-eastwestgateway', namespace: 'istio-system'},
  status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}},
}

/** Facts of a cluster without problems and without VMs, with some replaced. */
export function factsOf(replaced: Partial<VmFacts> = {}): VmFacts {
  return {
    cluster: {context: 'kind-east'} as Cluster,
    hasIstioCrds: true,
    controlPlane,
    revisions: ['default'],
    isTenant: false,
    namespace: undefined,
    accounts: new Map(),
    groups: [],
    entries: [],
    serviceEntries: [],
    foreignEntries: [],
    services: [],
    gateways: [gateway],
    networkGateways: [],
    otherGateways: [],
    passthrough: [],
    exposed: false,
    isFederated: false,
    root: 'PEM',
    anchor: undefined,
    membership,
    owns: isOwn,
    former: {parent: undefined, objects: []},
    copy: undefined,
    ...replaced,
  }
}

/** Metadata of the objects that the registration of VM `web` in namespace `vm` created, in these tests. */
export const own = {uid: 'own'}

function isOwn({metadata}: KubernetesObject): boolean {
  return metadata.uid === own.uid
}

/** A VM that is not recorded. */
export const membership: Membership = {
  parent: undefined,
  set: {name: 'kubectl-mesh-vm', namespace: 'istio-system', kinds: []},
  replaced: [],
  objects: [],
  unrecorded: [],
  namespaces: new Map(),
  owns: isOwn,
  adopts: () => false,
}

/** Facts like those of `factsOf`, where nothing that VMs share exists. */
export function sharingFactsOf({shared, ...replaced}: Partial<SharingFacts> = {}): SharingFacts {
  const nothing = {membership, networkLabel: undefined, gatewayObjects: []}
  return {...factsOf(replaced), shared: shared ?? nothing}
}

/** A ServiceEntry for `web.corp.test` in namespace `vm`. */
export function serviceEntry(
  labels: Record<string, string>,
  port: {name: string; number: number; targetPort?: number} = {name: 'http', number: 80},
): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {name: 'x', namespace: 'vm'},
    spec: {hosts: ['web.corp.test'], ports: [port], workloadSelector: {labels}},
  }
}

/** A WorkloadEntry. Without metadata it belongs to another VM. */
export function workloadEntry(spec: object, metadata: Partial<KubernetesObject['metadata']> = {}): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadEntry',
    metadata: {name: 'other', namespace: 'else', ...metadata},
    spec,
  }
}

/** A WorkloadGroup in namespace `vm`. */
export function workloadGroup(name: string, template: object = {}, labels: object = {}): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'WorkloadGroup',
    metadata: {name, namespace: 'vm'},
    spec: {template, metadata: {labels}},
  }
}
