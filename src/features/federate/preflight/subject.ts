import type {Right} from '../../../engine/cluster/rights.ts'
import type {Check} from '../../../findings/check.ts'
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
  /** For the validity of certificates. */
  now: Date
}

/** The content of the CA folder. All fields are undefined without `--ca-dir`. */
export interface CaFolder {
  /** Its root certificate as PEM. */
  folder: string | undefined
  /** Its path, as specified. */
  folderName: string | undefined
  /** Its intermediates, by cluster name. */
  intermediates?: ReadonlyMap<string, CaCerts>
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
  /** In primary-remote mode, only clusters with this role. */
  role?: 'primary' | 'remote'
}
