import type {Cluster} from './cluster.ts'
import {ApiError, UnreachableError} from './errors.ts'

/** Parameters of a token. */
export interface TokenRequest {
  namespace: string
  serviceAccount: string
  /** Omitted: the audience of the API server. */
  audiences?: string[]
  /** At least 600. The server may grant a different duration. */
  durationSeconds: number
  /** The token becomes invalid when this Secret of the same namespace is deleted. */
  boundSecret?: {name: string; uid: string}
}

/**
 * Returns a new token for a service account (authentication.k8s.io/v1 TokenRequest). The token is a secret: never log
 * it.
 *
 * @throws ApiError (404 if the account does not exist, 422 if the duration is out of range), UnreachableError
 */
export async function requestToken(cluster: Cluster, request: TokenRequest): Promise<{token: string; expires: Date}> {
  const {namespace, serviceAccount, audiences, durationSeconds, boundSecret} = request
  const path = `/api/v1/namespaces/${encodeURIComponent(namespace)}/serviceaccounts/${encodeURIComponent(serviceAccount)}/token`
  const response = await cluster.create(path, {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: {
      audiences,
      expirationSeconds: durationSeconds,
      ...(boundSecret ? {boundObjectRef: {apiVersion: 'v1', kind: 'Secret', ...boundSecret}} : {}),
    },
  })
  const {token, expirationTimestamp} = (response.status ?? {}) as {token?: unknown; expirationTimestamp?: unknown}
  const expires = new Date(typeof expirationTimestamp === 'string' ? expirationTimestamp : '')
  if (typeof token !== 'string' || token === '' || Number.isNaN(expires.getTime())) {
    throw new UnreachableError(cluster.context, `context "${cluster.context}": the API server returned no token`)
  }
  return {token, expires}
}

/**
 * Returns whether the API server accepts a token now (authentication.k8s.io/v1 TokenReview): false if it is invalid or
 * expired, or if its account or bound Secret no longer exists.
 *
 * @throws ApiError (403 without the right to review tokens), UnreachableError
 */
export async function reviewToken(cluster: Cluster, token: string): Promise<boolean> {
  const review = await cluster.create('/apis/authentication.k8s.io/v1/tokenreviews', {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenReview',
    spec: {token},
  })
  return (review.status as {authenticated?: boolean} | undefined)?.authenticated === true
}

/**
 * Returns whether the API server accepts a token now, as `reviewToken`.
 *
 * @param undecided the result if the current user may not review tokens
 * @throws ApiError, UnreachableError
 */
export async function isTokenAccepted(cluster: Cluster, token: string, undecided: boolean): Promise<boolean> {
  try {
    return await reviewToken(cluster, token)
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return undecided
    throw error
  }
}
