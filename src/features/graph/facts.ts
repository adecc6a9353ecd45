import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {Problem} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import type {MeshMember} from '../../mesh/members.ts'

/** A cluster as `mesh federate status` reports it. `–` stands for a value that does not exist. */
export interface ClusterFacts {
  context: string
  cluster: string
  network: string
  istio: string
  primary?: string
  root: string
  sameRoot: boolean
  caExpires: Date | undefined
  error?: Problem & {state: string}
}

/** The credential that one cluster holds for another, as `mesh federate status` reports it. */
export interface HeldFacts {
  holder: string
  target: string
  state: 'self' | 'missing' | 'valid' | 'refused' | 'unusable' | 'unknown' | 'needless'
  /** Milliseconds until the token expires. Not set for a token that does not expire. */
  leftMs?: number
}

/** What `mesh federate status` has read. */
export interface FederationView {
  report: {
    rows: readonly ClusterFacts[]
    held: readonly HeldFacts[]
    findings: readonly ReportedFinding[]
    mode: 'multi-primary' | 'primary-remote' | 'gateways'
    now: Date
  }
  members: readonly MeshMember[]
}

/** A control plane as `mesh tenant list` reports it. */
export interface TenantFacts {
  tenant: string
  namespace: string
  revision: string
  version: string | undefined
  ready: number
  replicas: number
  namespaces: readonly string[]
}

/** A virtual machine as `mesh vm list` reports it. */
export interface VmFacts {
  namespace: string
  group: string | undefined
  entry: string | undefined
  address: string | undefined
  health: string
  connected: boolean | undefined
}

/** A locality as `mesh locality status` reports it. */
export interface LocalityFacts {
  locality: {region: string; zone: string; subzone: string}
  nodes: number
  endpoints: number
}

/** What was read from one cluster in addition to its federation. */
export interface ClusterParts {
  tenants: readonly TenantFacts[]
  vms: readonly VmFacts[]
  localities: readonly LocalityFacts[]
  /** One for each part that could not be read. */
  unread: readonly ReportedFinding[]
}

/** Everything that a graph shows. */
export interface GraphFacts extends FederationView {
  systemNamespace: string
  /** By name of the cluster, for those that were read. */
  parts: ReadonlyMap<string, ClusterParts>
}

/**
 * The functions of other features that read clusters. The command passes them, because features do not import each other.
 */
export interface GraphReaders {
  federation: () => Promise<FederationView>
  tenants: (cluster: Cluster) => Promise<readonly TenantFacts[]>
  vms: (cluster: Cluster) => Promise<readonly VmFacts[]>
  localities: (cluster: Cluster) => Promise<readonly LocalityFacts[]>
}
