import type {Cluster} from '../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import type {ControlPlane} from '../istio/control-plane.ts'

/** Everything that was read from one cluster before a federation is planned. Objects are as the server gave them. */
export interface FederationFacts {
  cluster: Cluster
  /** `v1.36.3`. */
  kubernetes: string
  /** What earlier runs made here. */
  made: KubernetesObject[]
  /** Our own record of them: the ApplySet's parent. */
  record: KubernetesObject | undefined
  /** Uid of the namespace kube-system: the same for two contexts of one cluster, and only then. */
  uid: string
  hasIstioCrds: boolean
  /** Definitions of the Sail operator are there; undefined: not looked for. */
  hasSailCrds: boolean | undefined
  namespace: KubernetesObject | undefined
  /** All control planes of the system namespace. */
  controlPlanes: ControlPlane[]
  /** Secret `cacerts`. */
  caSecret: KubernetesObject | undefined
  /** Root that istiod hands out now: ConfigMap `istio-ca-root-cert` of the system namespace, PEM. */
  servedRoot: string | undefined
  /** Services with a network label, of all namespaces. */
  networkGateways: KubernetesObject[]
  /** The exposure `cross-network-gateway`. */
  exposure: KubernetesObject | undefined
  reader: {account: KubernetesObject | undefined /** Has the rights that istiod needs. */; allowed: boolean}
  /** All Secrets of the system namespace that hold kubeconfigs for istiod. */
  remoteSecrets: KubernetesObject[]
  /** All token Secrets of the reader account, ours and others', by name. */
  tokenSecrets: Map<string, KubernetesObject>
  /** For names under `.global`: the DNS server's ConfigMap, where it is to be edited, or was by an earlier run. */
  dnsConfig: KubernetesObject | undefined
  /** Services that others export to this cluster (`mesh service export`). */
  imports: KubernetesObject[]
  /** In primary-remote mode, now or by an earlier run. */
  primaryRemote: PrimaryRemoteFacts | undefined
}

/** What only primary-remote mode looks at in a cluster. */
export interface PrimaryRemoteFacts {
  /** The webhook configuration that injects for the revision. */
  injector: KubernetesObject | undefined
  /** Where Service `istiod[-rev]` leads; empty when it is not there, or leads to the cluster's own istiod. */
  istiodAddresses: readonly string[]
  /** istiod is let out through a gateway already, by whomever. */
  istiodExposed: boolean
  /** Service `istio-eastwestgateway` of the system namespace, with or without a network. */
  gateway: KubernetesObject | undefined
  /** The reader account may do what the primary's istiod does in a remote beside reading. */
  readerLeads: boolean
}
