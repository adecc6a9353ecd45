import type {Cluster} from '../engine/cluster/cluster.ts'
import {isTokenAccepted, requestToken} from '../engine/cluster/tokens.ts'
import {inCluster} from '../engine/kubeconfig/in-cluster.ts'
import {type Reader, readerAccounts} from '../istio/names.ts'
import type {HeldCredential, HeldCredentials} from './credential.ts'
import {type HeldToken, heldTokensFor, isFresh, namingOf, tokenIn} from './credentials/held-tokens.ts'
import {followingTokenNaming, unusedTokenNaming} from './credentials/objects-history.ts'
import {credentialProblems} from './credentials/problems.ts'
import {serverAuthority} from './credentials/read-authority.ts'
import type {FederationFacts} from './facts.ts'
import type {MeshMember} from './members.ts'
import {firstTokenNaming, nextTokenNaming, readerTokenName, type TokenNaming} from './objects-reader.ts'
import {remoteKubeconfig} from './objects-remote-secret.ts'
import {accessIn, claimsOf} from './remote-kubeconfig.ts'
import {credentialsIn, type FoundCredential, isBundle} from './remote-secrets.ts'

/** The credential settings of a federation's Spec. */
export interface CredentialRequest {
  /** Lifetime of tokens in ms; undefined for tokens that do not expire. */
  credentialDuration: number | undefined
  credentials: 'per-peer' | 'bundled'
  systemNamespace: string
  /** What uses the credentials (default istiod). */
  reader?: Reader
  /**
   * Which tokens are replaced (default `later`: none that is accepted, because istiods have to be observed meanwhile). `due`: those that
   * are due for renewal. `all`: every one, under the other name.
   */
  renewal?: 'later' | 'due' | 'all'
}

/** What every credential of one run depends on. */
interface Resolution {
  spec: CredentialRequest
  now: Date
  mint: boolean
}

/** The target of a credential, known to be readable and to have an address. */
interface Target {
  cluster: string
  server: string
  facts: FederationFacts
}

/**
 * Returns the credentials that each cluster needs for the others, by name of the holder. A remote needs none, since it
 * has no istiod.
 *
 * A working credential that kubectl-mesh did not create is adopted. Our own credential stays byte for byte as long as
 * its token is accepted: where it is due for renewal, `renew` is set, and a rotation replaces it. Otherwise a new one is built
 * from the token at the target.
 *
 * @param mint request short-lived tokens from the API servers. Such a token is the only thing this function creates.
 * @throws InClusterError (exit 3)
 */
export async function resolveCredentials(
  spec: CredentialRequest,
  all: readonly MeshMember[],
  now: Date,
  mint: boolean,
): Promise<Map<string, HeldCredentials>> {
  const entries = await Promise.all(
    all.map(async (holder): Promise<[string, HeldCredentials]> => {
      const found = holder.facts ? credentialsIn(holder.facts) : []
      const targets = holder.primary === undefined ? all.filter(other => other !== holder) : []
      const holds = await resolveHeld(spec, holder, targets, now, mint)
      return [holder.cluster, {holds, keepsInBundle: bundledForOthers(found, all)}]
    }),
  )
  return new Map(entries)
}

/**
 * Returns the credentials that one cluster needs for others, as `resolveCredentials`.
 *
 * @throws InClusterError (exit 3)
 */
export function resolveHeld(
  spec: CredentialRequest,
  holder: MeshMember,
  targets: readonly MeshMember[],
  now: Date,
  mint: boolean,
): Promise<HeldCredential[]> {
  const found = holder.facts ? credentialsIn(holder.facts) : []
  return Promise.all(targets.map(target => resolveOne({spec, now, mint}, holder, target, found)))
}

/** Entries of the bundled Secret for clusters that are not members in this run. */
function bundledForOthers(found: readonly FoundCredential[], all: readonly MeshMember[]): HeldCredential[] {
  return found
    .filter(({secret, target}) => isBundle(secret) && !all.some(({cluster}) => cluster === target))
    .map(({target, kubeconfig}) => ({target, kubeconfig, adopted: false}))
}

async function resolveOne(
  resolution: Resolution,
  holder: MeshMember,
  {cluster, facts, server}: MeshMember,
  found: readonly FoundCredential[],
): Promise<HeldCredential> {
  const unknown = {target: cluster, kubeconfig: undefined, adopted: false}
  if (!facts || server === undefined) return unknown
  const target = {cluster, server, facts}
  const existing = heldTokensFor(target, found)
  for (const candidate of existing) {
    if (await isAdoptable(candidate, target, resolution.now)) {
      return {target: cluster, kubeconfig: candidate.found.kubeconfig, adopted: true}
    }
  }
  const ours = existing.find(({isOurs}) => isOurs)
  const {token, naming, renew} = await chooseToken(resolution, holder, target, ours)
  const credential = {...unknown, naming, ...(renew ? {renew} : {})}
  if (token === undefined) return credential
  const {pem} = await serverAuthority(target, ours && accessIn(ours.found.kubeconfig)?.authority)
  return {...credential, kubeconfig: kubeconfigFor(target, token, pem)}
}

/**
 * Returns whether an existing credential is as suitable for istiod as one that kubectl-mesh creates.
 *
 * Threat: our own credential would be deleted in favour of a Secret that istiod rejects, or that makes istiod connect
 * without verifying the server or through a foreign proxy.
 */
async function isAdoptable({isOurs, server, token, found}: HeldToken, target: Target, now: Date): Promise<boolean> {
  if (isOurs || server !== target.server || token === undefined) return false
  if (credentialProblems(found, target, now).length > 0) return false
  return inCluster(target.cluster, () => isAccepted(target.facts.cluster, token))
}

function kubeconfigFor(
  {cluster, server, facts}: Target,
  token: string,
  certificateAuthority: string | undefined,
): string {
  const {tlsServerName} = facts.cluster
  return remoteKubeconfig({target: cluster, server, certificateAuthority, tlsServerName, token})
}

/** If the current user may not review tokens, an existing credential counts as working. */
function isAccepted(cluster: Cluster, token: string): Promise<boolean> {
  return isTokenAccepted(cluster, token, true)
}

/** The token of a credential. */
interface ChosenToken {
  /** undefined if there is none yet. */
  token: string | undefined
  /** The Secret behind it. */
  naming: TokenNaming
  /** The token is accepted, but due for renewal. */
  renew?: true
}

/** @param held the current credential of the holder, if kubectl-mesh created it */
async function chooseToken(
  resolution: Resolution,
  holder: MeshMember,
  target: Target,
  held: HeldToken | undefined,
): Promise<ChosenToken> {
  const {credentials, reader, renewal = 'later'} = resolution.spec
  const peer = credentials === 'per-peer' ? holder.cluster : undefined
  const current = namingOf(held?.secret, peer, reader)
  const token = held?.token
  if (token !== undefined && current && renewal !== 'all') {
    if (isCurrent(token, current, resolution)) return {token, naming: current}
    if (renewal === 'later' && (await isAlive(token, target, resolution.now)))
      return {token, naming: current, renew: true}
  }
  return tokenBehind(resolution, target, nextNaming(current, peer, target, resolution.spec))
}

function isCurrent(token: string, {bound}: TokenNaming, {spec: {credentialDuration}, now}: Resolution): boolean {
  if (credentialDuration === undefined) return !bound
  return bound && isFresh(token, credentialDuration, now)
}

/**
 * The Secret for a new token: that of the current one if it has the same lifetime, or the next one for a rotation. Otherwise an
 * existing one, else the next or the first.
 */
function nextNaming(
  current: TokenNaming | undefined,
  peer: string | undefined,
  {facts}: Target,
  {credentialDuration, renewal, reader = 'istiod'}: CredentialRequest,
): TokenNaming {
  const bound = credentialDuration !== undefined
  const next = () =>
    reader === 'istiod' ? followingTokenNaming(current!, bound, facts) : nextTokenNaming(current!, bound)
  if (current && renewal === 'all') return next()
  if (current?.bound === bound) return current
  const existing = [...facts.tokenSecrets.values()].map(secret => namingOf(secret, peer, reader))
  const found = existing.find(naming => naming?.bound === bound)
  if (found) return found
  if (current) return next()
  return reader === 'istiod' ? unusedTokenNaming(peer, bound, facts) : firstTokenNaming(peer, bound, reader)
}

/** Returns the token that a Secret contains, or a new one that is bound to it. */
async function tokenBehind(resolution: Resolution, target: Target, naming: TokenNaming): Promise<ChosenToken> {
  const {spec, mint} = resolution
  const secret = target.facts.tokenSecrets.get(readerTokenName(naming))
  if (spec.credentialDuration === undefined) return {token: tokenIn(secret), naming}
  const {name, uid} = secret?.metadata ?? {}
  if (name === undefined || uid === undefined || !mint) return {token: undefined, naming}
  return {token: await mintToken(spec, target, {name, uid}, spec.credentialDuration), naming}
}

function isAlive(token: string, {cluster, facts}: Target, now: Date): Promise<boolean> {
  const {expires} = claimsOf(token)
  if (expires && expires <= now) return Promise.resolve(false)
  return inCluster(cluster, () => isAccepted(facts.cluster, token))
}

/**
 * Requests a short-lived token of the reader account.
 *
 * @param boundSecret the token is revoked with this Secret
 * @throws InClusterError (exit 3)
 */
export async function mintToken(
  {systemNamespace, reader = 'istiod'}: Pick<CredentialRequest, 'systemNamespace' | 'reader'>,
  target: Pick<Target, 'cluster' | 'facts'>,
  boundSecret: {name: string; uid: string},
  durationMs: number,
): Promise<string> {
  const {token} = await inCluster(target.cluster, () =>
    requestToken(target.facts.cluster, {
      namespace: systemNamespace,
      serviceAccount: readerAccounts[reader],
      durationSeconds: Math.round(durationMs / 1000),
      boundSecret,
    }),
  )
  return token
}
