import type {Cluster} from './cluster.ts'

/** Which token is wanted. */
export interface TokenRequest {
  namespace: string
  serviceAccount: string
  /** Left out: the API server's own. */
  audiences?: string[]
  /** At least 600; the server may give less or more. */
  durationSeconds: number
  /** The token ends with this Secret of the same namespace. */
  boundSecret?: {name: string; uid: string}
}

/**
 * A token for a service account (authentication.k8s.io/v1 TokenRequest). The token is a secret: never log it.
 *
 * @throws ApiError (404 without the account, 422 on a duration out of range), UnreachableError
 */
export async function requestToken(cluster: Cluster, request: TokenRequest): Promise<{token: string; expires: Date}> {
  const {namespace, serviceAccount, audiences, durationSeconds, boundSecret} = request
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(serviceAccount)}/token`
  const answer = await cluster.create(path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences,
      expirationSeconds: durationSeconds,
      ...(boundSecret ? {boundObjectRef: {apiVersion: 'v1', kind: 'Secret', ...boundSecret}} : {}),
    },
  })
  const {token, expirationTimestamp} = answer.status as {token: string; expirationTimestamp: string}
  return {token, expires: new Date(expirationTimestamp)}
}

/**
 * Whether the API server takes a token now (authentication.k8s.io/v1 TokenReview): false when it is wrong, expired or
 * its account or Secret is gone.
 *
 * @throws ApiError (403 without the right to review tokens), UnreachableError
 */
export async function reviewToken(cluster: Cluster, token: string): Promise<boolean> {
  const answer = await cluster.create('/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: {token},
  })
  return (answer.status as {authenticated?: boolean} | undefined)?.authenticated === true
}
