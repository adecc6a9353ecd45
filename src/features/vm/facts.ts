import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Membership} from '../../engine/plan/membership.ts'
import type {Problem} from '../../errors.ts'
import {revisioned} from '../../istio/names.ts'
import type {FormerSet} from '../../mesh/former-set.ts'
import {addressesOf} from '../../mesh/gateway-services.ts'
import {nameOfCluster} from '../../run/where.ts'
import type {VmControlPlane} from './istio-control-plane.ts'
import {groupOfEntry} from './istio-workloads.ts'
import {clusterServiceOf} from './spec-names.ts'

/** Identifies a VM. */
export interface VmKey {
  name: string
  namespace: string
}

/** Identifies a VM and its control plane. */
export interface VmLocation extends VmKey {
  systemNamespace: string
  revision: string | undefined
}

/** What is read before a VM is registered, renewed, verified or removed. Objects are as the server returned them. */
export interface VmFacts {
  cluster: Cluster
  hasIstioCrds: boolean
  /** The control plane of the requested revision. */
  controlPlane: VmControlPlane | undefined
  /** Revisions of all control planes in the system namespace. */
  revisions: string[]
  /** The control plane is a tenant, which reads only resources with the label of its revision. */
  isTenant: boolean
  namespace: KubernetesObject | undefined
  /** Service accounts of the namespace, by name. */
  accounts: Map<string, KubernetesObject>
  /** WorkloadGroups of the namespace. */
  groups: KubernetesObject[]
  /** WorkloadEntries of all namespaces. */
  entries: KubernetesObject[]
  /** ServiceEntries of the namespace. */
  serviceEntries: KubernetesObject[]
  /** ServiceEntries of all other namespaces. */
  foreignEntries: KubernetesObject[]
  /** Services of the namespace. */
  services: KubernetesObject[]
  /** Trusted gateways with port 15012, through which istiod can be reached; the default east-west gateway first. */
  gateways: KubernetesObject[]
  /** Gateway Services that carry a network label: those in the system namespace, and those that the federation's record names. */
  networkGateways: KubernetesObject[]
  /** Other Services with a network label. They are only reported. */
  otherGateways: KubernetesObject[]
  /** Gateways of Istio with TLS mode AUTO_PASSTHROUGH, of all namespaces. */
  passthrough: KubernetesObject[]
  /** A Gateway and a VirtualService route port 15012 to istiod. */
  exposed: boolean
  /** The cluster has the record of a federation, which uses the gateway too. */
  isFederated: boolean
  /** Root certificate for machines, PEM, from the system namespace. Undefined until istiod has published it. */
  root: string | undefined
  /** The Secret of the name that the tokens of the VM are bound to. */
  anchor: KubernetesObject | undefined
  /** The record of the VM in the system namespace, and the objects that it lists. */
  membership: Membership
  /**
   * Whether the registration of the VM created an object. The record decides. What version 0.1.0 created is not recorded
   * before the next run.
   */
  owns(object: KubernetesObject): boolean
  /** What version 0.1.0 left in the namespace of the VM. Others can write there, so it proves nothing. */
  former: FormerSet
  /** The ConfigMap in the namespace of the VM in which version 0.1.0 recorded the registration. It decides nothing. */
  copy: KubernetesObject | undefined
}

/** Addresses at which istiod is reachable from outside the cluster: those of the first gateway that has any. */
export function gatewayAddressesOf(facts: Pick<VmFacts, 'gateways'>): string[] {
  return facts.gateways.map(addressesOf).find(addresses => addresses.length > 0) ?? []
}

/** The existing object that defines a host: the Service of that name, or a ServiceEntry with that host. */
export function hostObjectOf(
  facts: Pick<VmFacts, 'services' | 'serviceEntries'>,
  host: string,
  clusterDomain: string,
): KubernetesObject | undefined {
  const service = clusterServiceOf(host, clusterDomain)
  if (service) return facts.services.find(({metadata}) => metadata.name === service.name)
  return facts.serviceEntries.find(({spec}) => ((spec as {hosts?: string[]}).hosts ?? []).includes(host))
}

/** The WorkloadGroup of a VM, and its WorkloadEntries: those that were created for it, and those that its machines registered. */
export function workloadsOf(
  facts: Pick<VmFacts, 'groups' | 'entries' | 'owns'>,
  vm: VmKey,
): {group: KubernetesObject | undefined; entries: KubernetesObject[]} {
  return {
    group: facts.groups.find(({metadata}) => metadata.name === vm.name),
    entries: facts.entries.filter(
      entry => entry.metadata.namespace === vm.namespace && (facts.owns(entry) || groupOfEntry(entry) === vm.name),
    ),
  }
}

/**
 * Name of the cluster in output and in changes.
 *
 * @param requested takes precedence over the cluster ID of istiod and the context name
 */
export function clusterNameOf(facts: Pick<VmFacts, 'cluster' | 'controlPlane'>, requested?: string): string {
  return requested ?? nameOfCluster(facts.controlPlane, facts.cluster.context)
}

/** The problem that no control plane of the requested revision exists. */
export function missingControlPlane(
  facts: Pick<VmFacts, 'revisions'>,
  {systemNamespace, revision}: Pick<VmLocation, 'systemNamespace' | 'revision'>,
): {message: string; hints: string[]} {
  const name = revision ? `istiod of revision ${revision}` : 'istiod without a revision'
  return {
    message: `no ${name} in namespace ${systemNamespace}`,
    hints:
      facts.revisions.length > 0
        ? [`revisions in this namespace: ${facts.revisions.join(', ')} (--revision)`]
        : ['--system-namespace NS'],
  } satisfies Problem
}

/** The problem that a value of the mesh config has the wrong type, or cannot be used on a machine. */
export function invalidMeshConfig(
  message: string,
  {systemNamespace, revision}: Pick<VmLocation, 'systemNamespace' | 'revision'>,
): {message: string; hints: string[]} {
  const map = revisioned('istio', revision)
  return {
    message: `mesh config in ConfigMap ${systemNamespace}/${map}: ${message}`,
    hints: [
      `correct it in the values of your Istio installation, or: kubectl -n ${systemNamespace} edit configmap ${map}`,
    ],
  } satisfies Problem
}

/** The problem that the control plane's namespace contains no root certificate. */
export function missingRoot(
  configMap: string,
  {systemNamespace}: Pick<VmLocation, 'systemNamespace'>,
): {message: string; hints: string[]} {
  return {
    message: `no root certificate: ConfigMap ${systemNamespace}/${configMap} does not exist or has no root-cert.pem`,
    hints: [
      `a running istiod creates it; if its discoverySelectors exclude namespace ${systemNamespace}, label that namespace so that they include it`,
    ],
  } satisfies Problem
}

/** Labels of the namespace of a VM, as `discoverySelectors` see them. Kubernetes sets the name label on every namespace. */
export function namespaceLabelsOf(facts: Pick<VmFacts, 'namespace'>, namespace: string): Record<string, string> {
  return {'kubernetes.io/metadata.name': namespace, ...facts.namespace?.metadata.labels}
}

/** Whether a removal must keep an object: see `workloadsUsing`. */
export function isAccountInUse(
  object: KubernetesObject,
  facts: Pick<VmFacts, 'groups' | 'entries' | 'owns'>,
  vm: VmKey,
): boolean {
  return workloadsUsing(object, facts, vm).length > 0
}

/**
 * Returns the other workloads of the namespace that use a service account. Empty for other objects.
 *
 * @param object created by the registration of the VM
 */
export function workloadsUsing(
  object: KubernetesObject,
  facts: Pick<VmFacts, 'groups' | 'entries' | 'owns'>,
  vm: VmKey,
): KubernetesObject[] {
  if (object.kind !== 'ServiceAccount') return []
  const workloads = [...facts.groups, ...facts.entries.filter(({metadata}) => metadata.namespace === vm.namespace)]
  return workloads.filter(
    workload =>
      serviceAccountOf(workload) === object.metadata.name &&
      !facts.owns(workload) &&
      !isOwnedByGroup(workload, vm.name),
  )
}

function serviceAccountOf({spec}: KubernetesObject): string | undefined {
  const {serviceAccount, template} = spec as {serviceAccount?: string; template?: {serviceAccount?: string}}
  return serviceAccount ?? template?.serviceAccount
}

/** Kubernetes deletes an entry that a machine registered together with its group. */
function isOwnedByGroup({metadata}: KubernetesObject, group: string): boolean {
  return metadata.ownerReferences?.some(({kind, name}) => kind === 'WorkloadGroup' && name === group) ?? false
}
