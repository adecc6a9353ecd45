/** One credential that a member holds, or is to hold, for another. */
export interface HeldCredential {
  /** Name of the cluster that it leads to. */
  target: string
  /** Not yet known: undefined. */
  kubeconfig: string | undefined
  /** A Secret by others that works: nothing is made for it, here or at the target. */
  adopted: boolean
}

/** All credentials that one cluster holds. */
export interface HeldCredentials {
  /** In the order of the other members. */
  holds: readonly HeldCredential[]
  /** Keys of the bundled Secret that belong to clusters outside this run: kept. */
  keepsInBundle: readonly HeldCredential[]
}
