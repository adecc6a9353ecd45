import type {Right} from '../../../engine/kubernetes/access-rules.ts'
import type {Check} from '../../../findings/check.ts'
import type {ServerAuthority} from '../../../mesh/credentials/read-authority.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {CaCerts} from '../../../pki/ca-certs.ts'
import type {Federation} from '../spec.ts'

/** The data that the preflight checks of a federation inspect. It was read before. */
export interface FederationSubject {
  spec: Federation
  /** The clusters that could be read. */
  all: readonly MeshMember[]
  /** Permissions that the current user lacks, by cluster. */
  denied: ReadonlyMap<string, readonly Right[]>
  roots: CaFolder
  /** The certificate authorities for the API servers that other clusters will read, by cluster. */
  authorities?: ReadonlyMap<string, ServerAuthority>
  /** Remote Secrets whose certificate authority does not verify the server. Read after clusters have joined. */
  rejectedServers?: readonly RejectedServer[]
  /** For the validity of certificates. */
  now: Date
}

/** A remote Secret whose certificate authority does not verify the API server that it leads to. */
export interface RejectedServer {
  /** Name of the cluster that holds the Secret. */
  holder: string
  /** Name of the cluster that it registers. */
  target: string
  secret: string
  server: string
  /** Why the certificate was rejected. */
  error: string
}

/** The content of the CA folder. All fields are undefined without `--ca-dir`. */
export interface CaFolder {
  /** Its root certificate as PEM. */
  folder: string | undefined
  /** Its path, as specified. */
  folderName: string | undefined
  /** Its intermediates, by cluster name. */
  intermediates?: ReadonlyMap<string, CaCerts>
  /** Clusters whose CA is requested and not imported yet. */
  requested?: readonly string[]
  /** It contains the root key, so that it can issue further intermediates. */
  hasKey?: boolean
}

/** A check of clusters that join, or have joined, a mesh. */
export interface FederationCheck extends Check<FederationSubject> {
  /** The check concerns only the writes that follow, so `federate status` omits it. */
  beforeWrite?: true
  /** The check also holds after the clusters have joined, so `federate verify` repeats it. */
  lasting?: Lasting
}

/** The clusters for which `federate verify` repeats a check. Without keys, all clusters. */
export interface Lasting {
  /** Only in this mode. */
  mode?: Federation['mode']
  /** Not in gateways mode, in which no cluster holds credentials. */
  needsCredentials?: true
  /** Only if the clusters have gateways of ambient mode. */
  ambient?: true
  /** In primary-remote mode, only clusters with this role. */
  role?: 'primary' | 'remote'
}
