import type {TokenNaming} from './objects-reader.ts'

/** A credential for another cluster that a member holds or will hold. */
export interface HeldCredential {
  /** Name of the cluster that it gives access to. */
  target: string
  /** undefined while it is not known. */
  kubeconfig: string | undefined
  /** A working remote Secret that kubectl-mesh did not create. No objects are created for it in either cluster. */
  adopted: boolean
  /** The Secret at the target behind its token; undefined for one of another owner. */
  naming?: TokenNaming
  /** Its token is accepted, but due for renewal: a rotation replaces it. */
  renew?: true
}

/** All credentials of one cluster. */
export interface HeldCredentials {
  /** One for each other member, in the order of the members. */
  holds: readonly HeldCredential[]
  /** Entries of the bundled Secret for clusters outside this run. They are preserved. */
  keepsInBundle: readonly HeldCredential[]
}
