import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {requestToken, reviewToken} from '../engine/cluster/tokens.ts'
import {inCluster} from '../engine/kubeconfig/in-cluster.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {names} from '../istio/names.ts'
import type {HeldCredential, HeldCredentials} from './credential.ts'
import {credentialProblems} from './credentials/problems.ts'
import {serverAuthority} from './credentials/read-authority.ts'
import {type FederationFacts, isCreated} from './facts.ts'
import type {MeshMember} from './members.ts'
import {readerTokenName} from './objects-reader.ts'
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

/** A short-lived token with less than this part of its lifetime left is renewed. */
const renewBelow = 1 / 2

/**
 * Returns the credentials that each cluster needs for the others, by name of the holder. A remote needs none, since it
 * has no istiod.
 *
 * A working credential that kubectl-mesh did not create is adopted. Our own credential stays byte for byte as long as
 * its token is valid. Otherwise a new one is built from the token at the target.
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
  const existing = existingFor(target, found)
  for (const candidate of existing) {
    if (await isAdoptable(candidate, target, resolution.now)) {
      return {target: cluster, kubeconfig: candidate.found.kubeconfig, adopted: true}
    }
  }
  const ours = existing.find(({isOurs}) => isOurs)
  const token = await currentToken(resolution, holder, target, ours?.token)
  if (token === undefined) return unknown
  const {pem} = await serverAuthority(target, ours && accessIn(ours.found.kubeconfig)?.authority)
  return {...unknown, kubeconfig: kubeconfigFor(target, token, pem)}
}

/** A credential that the holder has already. */
interface ExistingCredential {
  found: FoundCredential
  server: string | undefined
  token: string | undefined
  /** kubectl-mesh created the remote Secret or the token. */
  isOurs: boolean
}

function existingFor({cluster, facts}: Target, found: readonly FoundCredential[]): ExistingCredential[] {
  return found
    .filter(({target}) => target === cluster)
    .map(credential => {
      const {server, token} = accessIn(credential.kubeconfig) ?? {}
      return {found: credential, server, token, isOurs: credential.ours || isOurToken(token, facts)}
    })
}

/**
 * Returns whether an existing credential is as suitable for istiod as one that kubectl-mesh creates.
 *
 * Threat: our own credential would be deleted in favour of a Secret that istiod rejects, or that makes istiod connect
 * without verifying the server or through a foreign proxy.
 */
async function isAdoptable(
  {isOurs, server, token, found}: ExistingCredential,
  target: Target,
  now: Date,
): Promise<boolean> {
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
async function isAccepted(cluster: Cluster, token: string): Promise<boolean> {
  try {
    return await reviewToken(cluster, token)
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}

/** Returns whether a token belongs to a Secret that kubectl-mesh created, regardless of who created the kubeconfig. */
function isOurToken(token: string | undefined, facts: FederationFacts): boolean {
  if (token === undefined) return false
  const {boundUid} = claimsOf(token)
  return [...facts.tokenSecrets.values()].some(
    secret =>
      isCreated(secret, facts) &&
      (tokenIn(secret) === token || (boundUid !== undefined && secret.metadata.uid === boundUid)),
  )
}

/** The token of a Secret of type service-account-token; undefined until Kubernetes has added it. */
function tokenIn(secret: KubernetesObject | undefined): string | undefined {
  const data = (secret?.data as Record<string, string> | undefined)?.token
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

/**
 * Returns the token for a holder; undefined if there is none yet.
 *
 * @param held the current token of the holder, if kubectl-mesh created it
 */
async function currentToken(
  resolution: Resolution,
  holder: MeshMember,
  target: Target,
  held: string | undefined,
): Promise<string | undefined> {
  const {credentialDuration, credentials} = resolution.spec
  const peer = credentials === 'per-peer' ? {peer: holder.cluster} : {}
  const name = readerTokenName({bound: credentialDuration !== undefined, ...peer})
  const secret = target.facts.tokenSecrets.get(name)
  if (credentialDuration === undefined) return tokenIn(secret)
  const {name: secretName, uid} = secret?.metadata ?? {}
  if (secretName === undefined || uid === undefined) return undefined
  if (held !== undefined && isFresh(held, uid, credentialDuration, resolution.now)) return held
  return resolution.mint ? mintToken(resolution.spec, target, {name: secretName, uid}, credentialDuration) : undefined
}

/** Returns whether a token is bound to the Secret and has enough of its lifetime left. */
function isFresh(token: string, secretUid: string, durationMs: number, now: Date): boolean {
  const {expires, boundUid} = claimsOf(token)
  const leftMs = expires === undefined ? 0 : expires.getTime() - now.getTime()
  return boundUid === secretUid && leftMs > durationMs * renewBelow
}

async function mintToken(
  {systemNamespace}: CredentialRequest,
  target: Target,
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
