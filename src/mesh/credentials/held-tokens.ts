import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type FederationFacts, isCreated} from '../facts.ts'
import {readerTokenName, type TokenNaming, tokenNamings} from '../objects-reader.ts'
import {accessIn, claimsOf} from '../remote-kubeconfig.ts'
import type {FoundCredential} from '../remote-secrets.ts'

/** A credential for a cluster that another cluster holds. */
export interface HeldToken {
  found: FoundCredential
  server: string | undefined
  token: string | undefined
  /** The Secret at the target behind the token; undefined if there is none. */
  secret: KubernetesObject | undefined
  /** kubectl-mesh created the remote Secret or the token. */
  isOurs: boolean
}

/**
 * Returns the credentials for a cluster among all that another cluster holds.
 *
 * @param found what `credentialsIn` returned for the holder
 * @param facts of the target
 */
export function heldTokensFor(
  target: {cluster: string; facts: Pick<FederationFacts, 'tokenSecrets' | 'created'>},
  found: readonly FoundCredential[],
): HeldToken[] {
  return found
    .filter(credential => credential.target === target.cluster)
    .map(credential => {
      const {server, token} = accessIn(credential.kubeconfig) ?? {}
      const secret = token === undefined ? undefined : secretBehind(token, target.facts)
      const isOurToken = secret !== undefined && isCreated(secret, target.facts)
      return {found: credential, server, token, secret, isOurs: credential.ours || isOurToken}
    })
}

/** The Secret that contains a token, or to which it is bound, regardless of who created the kubeconfig. */
function secretBehind(
  token: string,
  {tokenSecrets}: Pick<FederationFacts, 'tokenSecrets'>,
): KubernetesObject | undefined {
  const {boundUid} = claimsOf(token)
  return [...tokenSecrets.values()].find(
    secret => tokenIn(secret) === token || (boundUid !== undefined && secret.metadata.uid === boundUid),
  )
}

/** The token of a Secret of type service-account-token; undefined until Kubernetes has added it. */
export function tokenIn(secret: KubernetesObject | undefined): string | undefined {
  const data = (secret?.data as Record<string, string> | undefined)?.token
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

/**
 * Returns which of our token Secrets one is; undefined if it is none of a peer.
 *
 * @param peer the holder; undefined for the Secrets that all peers share
 */
export function namingOf(secret: KubernetesObject | undefined, peer: string | undefined): TokenNaming | undefined {
  if (!secret) return undefined
  return tokenNamings(peer).find(naming => readerTokenName(naming) === secret.metadata.name)
}

/** A short-lived token with less than this part of its lifetime left is renewed. */
const renewBelow = 1 / 2

/** Returns whether a short-lived token has enough of its lifetime left. */
export function isFresh(token: string, durationMs: number, now: Date): boolean {
  const {expires} = claimsOf(token)
  return expires !== undefined && expires.getTime() - now.getTime() > durationMs * renewBelow
}
