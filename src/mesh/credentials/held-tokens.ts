import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Reader} from '../../istio/names.ts'
import {type FederationFacts, isCreated} from '../facts.ts'
import {type TokenNaming, tokenNamingIn} from '../objects-reader.ts'
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
  return (byTarget(found).get(target.cluster) ?? []).map(credential => {
    const {server, token} = accessIn(credential.kubeconfig) ?? {}
    const secret = token === undefined ? undefined : secretBehind(token, target.facts)
    const isOurToken = secret !== undefined && isCreated(secret, target.facts)
    return {found: credential, server, token, secret, isOurs: credential.ours || isOurToken}
  })
}

// Every pair of clusters is looked up: searching the lists for each of them would take seconds in a large mesh.
const targets = new WeakMap<readonly FoundCredential[], Map<string, FoundCredential[]>>()
const tokens = new WeakMap<FederationFacts['tokenSecrets'], Map<string, KubernetesObject>>()

function byTarget(found: readonly FoundCredential[]): Map<string, FoundCredential[]> {
  const known = targets.get(found) ?? Map.groupBy(found, ({target}) => target)
  targets.set(found, known)
  return known
}

/** Token Secrets by their token, as the API server encodes it. Those without one are absent: an empty token matches none. */
function byToken(secrets: FederationFacts['tokenSecrets']): Map<string, KubernetesObject> {
  const known = tokens.get(secrets) ?? new Map<string, KubernetesObject>()
  if (!tokens.has(secrets))
    for (const secret of secrets.values()) {
      const encoded = encodedIn(secret)
      if (encoded !== undefined && !known.has(encoded)) known.set(encoded, secret)
    }
  tokens.set(secrets, known)
  return known
}

/** The Secret that contains a token, or to which it is bound, regardless of who created the kubeconfig. */
function secretBehind(
  token: string,
  {tokenSecrets}: Pick<FederationFacts, 'tokenSecrets'>,
): KubernetesObject | undefined {
  const {boundUid} = claimsOf(token)
  const containing = byToken(tokenSecrets).get(Buffer.from(token, 'utf8').toString('base64'))
  if (containing || boundUid === undefined) return containing
  return [...tokenSecrets.values()].find(secret => secret.metadata.uid === boundUid)
}

/** The token of a Secret of type service-account-token; undefined until Kubernetes has added it. */
export function tokenIn(secret: KubernetesObject | undefined): string | undefined {
  const data = encodedIn(secret)
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

function encodedIn(secret: KubernetesObject | undefined): string | undefined {
  return (secret?.data as Record<string, string> | undefined)?.token
}

/**
 * Returns which of our token Secrets one is; undefined if it is none of a peer.
 *
 * @param peer the holder; undefined for the Secrets that all peers share
 */
export function namingOf(
  secret: KubernetesObject | undefined,
  peer: string | undefined,
  reader: Reader = 'istiod',
): TokenNaming | undefined {
  return secret && tokenNamingIn(secret.metadata.name, peer, reader)
}

/** A short-lived token with less than this part of its lifetime left is renewed. */
const renewBelow = 1 / 2

/** Returns whether a short-lived token has enough of its lifetime left. */
export function isFresh(token: string, durationMs: number, now: Date): boolean {
  const {expires} = claimsOf(token)
  return expires !== undefined && expires.getTime() - now.getTime() > durationMs * renewBelow
}
