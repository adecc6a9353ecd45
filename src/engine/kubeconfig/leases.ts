/** The credential of one request. Never log it. */
export interface Credential {
  /** Value of the Authorization header. */
  authorization: string | undefined
  /** PEM of a client certificate. */
  cert: Buffer | string | undefined
  /** PEM of the key of `cert`. */
  key: Buffer | string | undefined
}

/** The credential of a user, cached until it expires. */
export interface CredentialSource {
  current(): Promise<Credential>
  /**
   * Renews a credential that the server rejected with 401. Requests that were rejected at the same time share one
   * renewal.
   *
   * @returns whether the credential is now a different one, so that the request is worth another try
   */
  renew(rejected: Credential): Promise<boolean>
}

/** A credential and the time (ms since 1970) until which it may be reused. */
export interface Lease {
  credential: Credential
  until: number
}

/** client-go reads a token file again after one minute (transport/token_source.go). */
export const rereadMs = 60_000

/** Returns a source whose credential never changes. */
export function fixedSource(credential: Credential): CredentialSource {
  return {current: async () => credential, renew: async () => false}
}

/** Returns a source that calls `fetch` for the first credential and whenever the last one expired or was rejected. */
export function leasedSource(fetch: () => Promise<Lease>): CredentialSource {
  let running: Promise<Lease> | undefined
  let lease: Lease | undefined
  const fetchOnce = async (): Promise<Lease> => {
    running ??= fetch().finally(() => {
      running = undefined
    })
    lease = await running
    return lease
  }
  return {
    current: async () => (lease && Date.now() < lease.until ? lease : await fetchOnce()).credential,
    renew: async rejected => {
      if (lease && lease.credential !== rejected) return true
      const {credential} = await fetchOnce()
      return credential.authorization !== rejected.authorization || String(credential.cert) !== String(rejected.cert)
    },
  }
}
