import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Problem} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
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

/** The functions of other features that read what `mesh check` checks. */
export interface CheckReaders {
  federation(): Promise<FederationCheckView>
  /** The checks whose findings `federation` returns. */
  federationChecks(): Promise<readonly CheckTitle[]>
  /** @param contexts of all clusters of the mesh */
  drift(contexts: readonly string[]): Promise<readonly ReportedFinding[]>
  tenants(cluster: Cluster): Promise<readonly CheckedSubject[]>
  certificates(cluster: Cluster): Promise<ServedCertificates>
}

/** Something that expires. */
export interface Expiry {
  cluster: string
  /** `root CA`, `cluster CA`, `credential`, `ingress certificate`. */
  kind: string
  name: string
  expires: Date
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
  certificates: readonly (ServedCertificates & {cluster: string})[]
  webhooks: readonly WebhookFacts[]
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
  now: Date
}
