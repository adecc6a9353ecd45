import type {Cluster} from '../engine/cluster/cluster.ts'
import {isTokenAccepted, requestToken} from '../engine/cluster/tokens.ts'
import {inCluster} from '../engine/kubeconfig/in-cluster.ts'
import {names} from '../istio/names.ts'
import type {HeldCredential, HeldCredentials} from './credential.ts'
import {type HeldToken, heldTokensFor, isFresh, namingOf, tokenIn} from './credentials/held-tokens.ts'
import {credentialProblems} from './credentials/problems.ts'
import {serverAuthority} from './credentials/read-authority.ts'
import type {FederationFacts} from './facts.ts'
import type {MeshMember} from './members.ts'
import {readerTokenName, type TokenNaming, tokenNamings} from './objects-reader.ts'
import {remoteKubeconfig} from './objects-remote-secret.ts'
import {accessIn, claimsOf} from './remote-kubeconfig.ts'
import {credentialsIn, type FoundCredential, isBundle} from './remote-secrets.ts'

/** The credential settings of a federation's Spec. */
export interface CredentialRequest {
  /** Lifetime of tokens in ms; undefined for tokens that do not expire. */
  credentialDuration: number | undefined
  credentials: 'per-peer' | 'bundled'
  systemNamespace: string
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
  const resolution = {spec, now, mint}
  const entries = await Promise.all(
    all.map(async (holder): Promise<[string, HeldCredentials]> => {
      const found = holder.facts ? credentialsIn(holder.facts) : []
      const targets = holder.primary === undefined ? all.filter(other => other !== holder) : []
      const holds = await Promise.all(targets.map(target => resolveOne(resolution, holder, target, found)))
      return [holder.cluster, {holds, keepsInBundle: bundledForOthers(found, all)}]
    }),
  )
  return new Map(entries)
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
  const {credentialDuration, credentials} = resolution.spec
  const bound = credentialDuration !== undefined
  const peer = credentials === 'per-peer' ? holder.cluster : undefined
  const current = namingOf(held?.secret, peer)
  const token = held?.token
  if (token !== undefined && current) {
    const isCurrent = current.bound === bound && (!bound || isFresh(token, credentialDuration, resolution.now))
    if (isCurrent) return {token, naming: current}
    if (await isAlive(token, target, resolution.now)) return {token, naming: current, renew: true}
  }
  return tokenBehind(resolution, target, current?.bound === bound ? current : namingFor(target, peer, bound))
}

/** The Secret for a new credential: an existing one, else the first. */
function namingFor({facts}: Target, peer: string | undefined, bound: boolean): TokenNaming {
  const all = tokenNamings(peer).filter(naming => naming.bound === bound)
  return all.find(naming => facts.tokenSecrets.has(readerTokenName(naming))) ?? all[0]!
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
  {systemNamespace}: Pick<CredentialRequest, 'systemNamespace'>,
  target: Pick<Target, 'cluster' | 'facts'>,
  boundSecret: {name: string; uid: string},
  durationMs: number,
): Promise<string> {
  const {token} = await inCluster(target.cluster, () =>
    requestToken(target.facts.cluster, {
      namespace: systemNamespace,
      serviceAccount: names.readerAccount,
      durationSeconds: Math.round(durationMs / 1000),
      boundSecret,
    }),
  )
  return token
}
