import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import type {Forecasts} from '../../mesh/capacity/read.ts'
import type {MeshMember} from '../../mesh/members.ts'

/** A check in a report. */
export interface CheckTitle {
  id: string
  about: string
}

/** The credential that one cluster holds for another, as `mesh federate status` reports it. */
export interface HeldCredentialFacts {
  holder: string
  target: string
  /** Milliseconds until the token expires. Not set for a token that does not expire. */
  leftMs?: number
}

/** What `mesh federate status` has read. */
export interface FederationCheckView {
  report: {
    rows: readonly {cluster: string; caExpires: Date | undefined; error?: Problem & {state: string}}[]
    held: readonly HeldCredentialFacts[]
    findings: readonly ReportedFinding[]
  }
  members: readonly MeshMember[]
}

/** The results of other verifications for one subject. */
export interface CheckedSubject {
  title: string
  checks: readonly CheckTitle[]
  findings: readonly ReportedFinding[]
}

/** The certificates that the gateways of a cluster serve. */
export interface ServedCertificates {
  rows: readonly {gateway: string; secret: string; expires: Date | undefined}[]
  findings: readonly ReportedFinding[]
}

/** The token that was issued last for a VM. */
export interface VmTokenFacts {
  namespace: string
  name: string
  systemNamespace: string
  /** Undefined if it is unknown: an earlier version registered the VM. */
  expires: Date | undefined
  /** Whether the machines of the VM are connected to istiod; `none` if no machine has registered itself. */
  machines: 'connected' | 'disconnected' | 'unknown' | 'none'
}

/** The functions of other features that read what `mesh check` checks. */
export interface CheckReaders {
  federation(): Promise<FederationCheckView>
  /** The checks whose findings `federation` returns. */
  federationChecks(): Promise<readonly CheckTitle[]>
  /** @param contexts of all clusters of the mesh */
  drift(contexts: readonly string[]): Promise<readonly ReportedFinding[]>
  tenants(cluster: Cluster): Promise<readonly CheckedSubject[]>
  certificates(cluster: Cluster): Promise<ServedCertificates>
  vmTokens(cluster: Cluster): Promise<readonly VmTokenFacts[]>
  /** Empty without a Kiali. */
  kiali(members: readonly MeshMember[]): Promise<readonly CheckedSubject[]>
}

/** Something that expires. */
export interface Expiry {
  cluster: string
  /** `root CA`, `cluster CA`, `credential`, `ingress certificate`, `VM token`. */
  kind: string
  name: string
  expires: Date
  /** What else the finding states. */
  note?: string
  /** In place of the hint for the kind. */
  hint?: string
  /** What has expired is not an error. */
  isHarmless?: boolean
}

/** Webhook configurations of Istio in one cluster, and the Services that exist, as `NAMESPACE/NAME`. */
export interface WebhookFacts {
  cluster: string
  configurations: readonly KubernetesObject[]
  services: ReadonlySet<string>
}

/** Everything that `mesh check` has read. */
export interface CheckFacts {
  federation: FederationCheckView
  federationChecks: readonly CheckTitle[]
  drift: readonly ReportedFinding[]
  tenants: readonly CheckedSubject[]
  kiali: readonly CheckedSubject[]
  certificates: readonly (ServedCertificates & {cluster: string})[]
  vmTokens: readonly {cluster: string; tokens: readonly VmTokenFacts[]}[]
  webhooks: readonly WebhookFacts[]
  forecasts: Forecasts
  /** What could not be read, as findings. */
  unread: readonly ReportedFinding[]
}

/** A part of the report. */
export interface CheckGroup {
  group: string
  checks: readonly CheckTitle[]
  findings: readonly ReportedFinding[]
}

/** The result of `mesh check`. */
export interface CheckReport {
  groups: readonly CheckGroup[]
  /** The first to expire first. */
  expiries: readonly Expiry[]
  /** The clusters, and whether they could be read. */
  clusters: readonly {cluster: string; read: boolean}[]
  forecasts: Forecasts
  now: Date
}
