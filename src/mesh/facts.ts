import type {Cluster} from '../engine/cluster/cluster.ts'
import type {Snapshot} from '../engine/cluster/snapshot.ts'
import type {ApplySet} from '../engine/kubernetes/applyset.ts'
import {type KubernetesObject, refKey, refOf} from '../engine/kubernetes/object.ts'
import {lostMembers} from '../engine/plan/membership.ts'
import type {ControlPlane} from '../istio/control-plane.ts'
import type {AmbientFacts} from './ambient/facts.ts'
import type {DnsFacts} from './dns/facts.ts'

/** Everything read from one cluster before a federation is planned. Objects are as the server returned them. */
export interface FederationFacts {
  cluster: Cluster
  /** The reads behind these facts, for a plan or further facts before anything changes. Undefined once it may have changed. */
  snapshot?: Snapshot | undefined
  /** Version of the API server: `v1.36.3`. */
  kubernetes: string
  /** Objects that earlier runs created, according to the record. */
  created: readonly KubernetesObject[]
  /** Objects that carry the label of the federation, but are not in its record. They decide nothing. */
  unrecorded: readonly KubernetesObject[]
  /** The record of the federation: the parent of its ApplySet, with the data of the records that it replaces. */
  record: KubernetesObject | undefined
  /** The ApplySet, with those of single revisions that it replaces. */
  set: ApplySet
  /** Parents of the replaced ApplySets. */
  replaced: readonly KubernetesObject[]
  /** The revision of this cluster that the requested revision or tag names; undefined for the control plane without one. */
  revision: string | undefined
  /** Its control plane is a tenant: see `resourceLabels`. */
  isTenant: boolean
  /** Uid of the namespace kube-system. Two contexts have the same uid only if they refer to the same cluster. */
  uid: string
  hasIstioCrds: boolean
  /** The Sail operator's definitions exist; undefined if they were not read. */
  hasSailCrds: boolean | undefined
  /** The system namespace. */
  namespace: KubernetesObject | undefined
  /** All control planes of the system namespace. */
  controlPlanes: ControlPlane[]
  /** Secret `cacerts`. */
  caSecret: KubernetesObject | undefined
  /** PEM of the root that istiod distributes now: ConfigMap `istio-ca-root-cert` of the system namespace. */
  servedRoot: string | undefined
  /** Services of all namespaces with a network label. */
  networkGateways: KubernetesObject[]
  /**
   * The nodes, from which istiod takes the addresses of gateways of type NodePort. Undefined if there is no such gateway, or if
   * the user may not list them.
   */
  nodes: KubernetesObject[] | undefined
  /** Deployments of the system namespace whose pods belong to a gateway in `networkGateways`. */
  gatewayDeployments: KubernetesObject[]
  /** The other Deployments of the system namespace. */
  otherDeployments?: KubernetesObject[]
  /** Gateway `cross-network-gateway` of the system namespace. */
  exposure: KubernetesObject | undefined
  reader: ReaderFacts
  /** All remote Secrets of the system namespace. */
  remoteSecrets: KubernetesObject[]
  /** All token Secrets of the reader account by name, regardless of who created them. */
  tokenSecrets: Map<string, KubernetesObject>
  /** The record of a rotation that is not finished. */
  rotation?: KubernetesObject | undefined
  /** PEM of the cluster's certificate authority, from ConfigMap `kube-root-ca.crt`; undefined if it does not exist. */
  clusterAuthority: string | undefined
  /** Configuration of the DNS servers that resolve `.global` according to this or an earlier run. */
  dns: DnsFacts
  /** Services that other clusters export to this one (`mesh service export`). */
  imports: KubernetesObject[]
  /** Set in primary-remote mode, of this or an earlier run. */
  primaryRemote: PrimaryRemoteFacts | undefined
  /** Set if an istiod serves pods in ambient mode, or an earlier run created a gateway for them. */
  ambient?: AmbientFacts
}

/** The account that other clusters' istiods use to read a cluster. */
export interface ReaderFacts {
  account: KubernetesObject | undefined
  /** The account has the rights that istiod needs. */
  allowed: boolean
  /** The account may list Secrets. */
  readsSecrets: boolean
}

/** Further facts that primary-remote mode needs. */
export interface PrimaryRemoteFacts {
  /** The webhook configuration that injects for the revision. */
  injector: KubernetesObject | undefined
  /** Addresses behind Service `istiod[-rev]`; empty if it does not exist or selects the cluster's own istiod. */
  istiodAddresses: readonly string[]
  /** A gateway exposes istiod, regardless of who created it. */
  istiodExposed: boolean
  /** Service `istio-eastwestgateway` of the system namespace, with or without a network label. */
  gateway: KubernetesObject | undefined
  /** The reader account also has the write access that a primary's istiod needs in a remote. */
  readerLeads: boolean
}

/** Returns whether an earlier run created an object, according to the record. A label proves nothing. */
export function isCreated(object: KubernetesObject, {created}: Pick<FederationFacts, 'created'>): boolean {
  const known = identities.get(created) ?? new Set(created.map(identityOf))
  identities.set(created, known)
  return known.has(identityOf(object))
}

/** What identifies the objects of a list. In a large mesh, comparing each pair of objects would take seconds. */
const identities = new WeakMap<readonly KubernetesObject[], ReadonlySet<string>>()

function identityOf(object: KubernetesObject): string {
  return `${refKey(refOf(object))} ${object.metadata.uid}`
}

/**
 * Returns the objects of a federation whose record is gone, as `lostMembers`.
 *
 * @param manager our field manager
 */
export function objectsWithoutRecord(facts: FederationFacts, manager: string): KubernetesObject[] {
  return lostMembers({...facts, parent: facts.record}, manager)
}
