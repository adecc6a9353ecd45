import type {Right} from '../../../engine/cluster/rights.ts'
import type {Check} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import type {CaCerts} from '../../../pki/ca-certs.ts'
import type {Federation} from '../spec.ts'

/** What the preflight of a federation looks at; all of it was read before. */
export interface FederationSubject {
  spec: Federation
  /** The clusters that answered. */
  all: readonly MeshMember[]
  /** Rights that we lack, by cluster. */
  denied: ReadonlyMap<string, readonly Right[]>
  roots: RootsFound
  now: Date
}

/** The roots that were found, PEM. */
export interface RootsFound {
  /** Of the CA folder, where one was named. */
  folder: string | undefined
  folderName: string | undefined
  /** What the folder holds, by cluster name. */
  intermediates?: ReadonlyMap<string, CaCerts>
  /** The folder can issue more. */
  hasKey?: boolean
}

/** A check of clusters that join, or have joined, a mesh. */
export interface FederationCheck extends Check<FederationSubject> {
  /** It concerns a write that follows: `federate status`, which only reads, leaves it out. */
  beforeWrite?: true
  /** It is still true after the clusters have joined: `federate verify` repeats it. */
  lasting?: Lasting
}

/** For which clusters `federate verify` repeats a check. Without keys, for all of them. */
export interface Lasting {
  /** Only in this mode. */
  mode?: Federation['mode']
  /** In primary-remote mode, only for clusters with this role. */
  role?: 'primary' | 'remote'
}
