import type {Cluster} from '../engine/cluster/cluster.ts'
import {ApiError} from '../engine/cluster/errors.ts'
import {requestToken, reviewToken} from '../engine/cluster/tokens.ts'
import {inCluster} from '../engine/kubeconfig/in-cluster.ts'
import {partOfLabel} from '../engine/kubernetes/applyset.ts'
import type {KubernetesObject} from '../engine/kubernetes/object.ts'
import {names} from '../istio/names.ts'
import {loadYaml} from '../text/yaml.ts'
import type {HeldCredential, HeldCredentials} from './credential.ts'
import type {FederationFacts} from './facts.ts'
import {credentialsIn, type FoundCredential, isBundle, type MeshMember} from './members.ts'
import {readerTokenName} from './objects-reader.ts'
import {remoteKubeconfig} from './objects-remote-secret.ts'

/** What a federation's Spec sets about credentials. */
export interface CredentialRequest {
  /** Milliseconds; undefined: tokens without an end. */
  credentialDuration: number | undefined
  credentials: 'per-peer' | 'bundled'
  systemNamespace: string
}

/** A short-lived token is renewed by a run that finds less than this part of its life left. */
const renewBelow = 1 / 2

/**
 * What each cluster is to hold for each other (a remote, which has no istiod, nothing): a credential of others that works is adopted; ours is kept byte for byte
 * as long as its token is good; else it is made. `mint` allows to ask for short-lived tokens (the one thing here that
 * makes something: a token that nobody holds is worth nothing).
 */
export async function resolveCredentials(
  spec: CredentialRequest,
  all: readonly MeshMember[],
  now: Date,
  mint: boolean,
): Promise<Map<string, HeldCredentials>> {
  const result = new Map<string, HeldCredentials>()
  await Promise.all(
    all.map(async holder => {
      const found = holder.facts ? credentialsIn(holder.facts) : []
      const others = holder.primary === undefined ? all.filter(other => other !== holder) : []
      const holds = await Promise.all(others.map(target => resolveOne(spec, holder, target, found, now, mint)))
      const keepsInBundle = found
        .filter(({secret, target}) => isBundle(secret) && !all.some(({cluster}) => cluster === target))
        .map(({target, kubeconfig}) => ({target, kubeconfig, adopted: false}))
      result.set(holder.cluster, {holds, keepsInBundle})
    }),
  )
  return result
}

async function resolveOne(
  spec: CredentialRequest,
  holder: MeshMember,
  target: MeshMember,
  found: readonly FoundCredential[],
  now: Date,
  mint: boolean,
): Promise<HeldCredential> {
  const unknown = {target: target.cluster, kubeconfig: undefined, adopted: false}
  const {facts, server} = target
  if (!facts || server === undefined) return unknown
  const existing = found.find(credential => credential.target === target.cluster)
  const access = existing && accessIn(existing.kubeconfig)
  const ours = existing?.ours || isOurToken(access?.token, facts)
  if (existing && !ours && access?.server === server && access.token !== undefined) {
    if (await inCluster(target.cluster, () => isAccepted(facts.cluster, access.token!)))
      return {...unknown, kubeconfig: existing.kubeconfig, adopted: true}
  }
  const name = readerTokenName({
    bound: spec.credentialDuration !== undefined,
    ...(spec.credentials === 'per-peer' ? {peer: holder.cluster} : {}),
  })
  const secret = facts.tokenSecrets.get(name)
  const token =
    spec.credentialDuration === undefined
      ? tokenIn(secret)
      : await shortLivedToken(spec, target, secret, ours ? access?.token : undefined, now, mint)
  if (token === undefined) return unknown
  const kubeconfig = remoteKubeconfig({
    target: target.cluster,
    server,
    certificateAuthority: facts.cluster.certificateAuthority,
    tlsServerName: facts.cluster.tlsServerName,
    token,
  })
  return {...unknown, kubeconfig}
}

/** Who may not have tokens reviewed takes another's credential for one that works. */
async function isAccepted(cluster: Cluster, token: string): Promise<boolean> {
  try {
    return await reviewToken(cluster, token)
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}

/** Whether a token hangs on a Secret that we made, whoever made the kubeconfig around it. */
function isOurToken(token: string | undefined, {tokenSecrets}: FederationFacts): boolean {
  if (token === undefined) return false
  const {boundUid} = claimsOf(token)
  return [...tokenSecrets.values()].some(
    secret =>
      secret.metadata.labels?.[partOfLabel] !== undefined &&
      (tokenIn(secret) === token || (boundUid !== undefined && secret.metadata.uid === boundUid)),
  )
}

function tokenIn(secret: KubernetesObject | undefined): string | undefined {
  const data = (secret?.data as Record<string, string> | undefined)?.token
  return data === undefined ? undefined : Buffer.from(data, 'base64').toString('utf8')
}

async function shortLivedToken(
  spec: CredentialRequest,
  target: MeshMember,
  secret: KubernetesObject | undefined,
  held: string | undefined,
  now: Date,
  mint: boolean,
): Promise<string | undefined> {
  const duration = spec.credentialDuration!
  if (held !== undefined && secret?.metadata.uid !== undefined) {
    const {expires, boundUid} = claimsOf(held)
    const left = expires === undefined ? 0 : expires.getTime() - now.getTime()
    if (boundUid === secret.metadata.uid && left > duration * renewBelow) return held
  }
  if (!mint || secret?.metadata.uid === undefined) return undefined
  const boundSecret = {name: secret.metadata.name, uid: secret.metadata.uid}
  const minted = await inCluster(target.cluster, () =>
    requestToken(target.facts!.cluster, {
      namespace: spec.systemNamespace,
      serviceAccount: names.readerAccount,
      durationSeconds: Math.round(duration / 1000),
      boundSecret,
    }),
  )
  return minted.token
}

/** What a service account's token says about itself; nothing is verified. All undefined for what is no JWT. */
export function claimsOf(token: string): {
  issued: Date | undefined
  expires: Date | undefined
  boundUid: string | undefined
  /** `system:serviceaccount:NS:NAME` */
  subject: string | undefined
} {
  const claims = jsonOf(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Claims | undefined
  const date = (seconds: number | undefined) => (typeof seconds === 'number' ? new Date(seconds * 1000) : undefined)
  return {
    issued: date(claims?.iat),
    expires: date(claims?.exp),
    boundUid: claims?.['kubernetes.io']?.secret?.uid,
    subject: claims?.sub,
  }
}

interface Claims {
  sub?: string
  iat?: number
  exp?: number
  'kubernetes.io'?: {secret?: {uid?: string}}
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Where a remote kubeconfig leads and with what; undefined when it is none. */
export function accessIn(kubeconfig: string): {server: string | undefined; token: string | undefined} | undefined {
  let config: RemoteKubeconfig | undefined
  try {
    config = loadYaml(kubeconfig) as RemoteKubeconfig | undefined
  } catch {
    return undefined
  }
  const context = named<NamedContext>(config?.contexts, config?.['current-context'])?.context
  return {
    server: named<NamedCluster>(config?.clusters, context?.cluster)?.cluster?.server,
    token: named<NamedUser>(config?.users, context?.user)?.user?.token,
  }
}

/** istiod takes what the current context names (client-go); one that names nothing leads nowhere. */
function named<T extends {name?: string}>(entries: unknown, name: string | undefined): T | undefined {
  return Array.isArray(entries) ? entries.find((entry: T | null) => entry?.name === name) : undefined
}

/** As far as it is read; a Secret may hold anything. */
interface RemoteKubeconfig {
  'current-context'?: string
  contexts?: unknown
  clusters?: unknown
  users?: unknown
}

interface NamedContext {
  name?: string
  context?: {cluster?: string; user?: string}
}

interface NamedCluster {
  name?: string
  cluster?: {server?: string}
}

interface NamedUser {
  name?: string
  user?: {token?: string}
}
