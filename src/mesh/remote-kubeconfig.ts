import {loadYaml} from '../text/yaml.ts'

/** The claims of a service account token that this program uses. Nothing is verified. */
export interface TokenClaims {
  issued: Date | undefined
  expires: Date | undefined
  /** Uid of the Secret that the token is bound to. */
  boundUid: string | undefined
  /** `system:serviceaccount:NAMESPACE:NAME` */
  subject: string | undefined
}

/** The JSON claims of a service account token (Kubernetes, authentication.k8s.io). */
interface RawClaims {
  sub?: string
  iat?: number
  exp?: number
  'kubernetes.io'?: {secret?: {uid?: string}}
}

/** Reads the claims of a service account token. All are undefined for a text that is not a JWT. */
export function claimsOf(token: string): TokenClaims {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const claims = parseJson(payload) as RawClaims | undefined
  return {
    issued: dateOf(claims?.iat),
    expires: dateOf(claims?.exp),
    boundUid: claims?.['kubernetes.io']?.secret?.uid,
    subject: claims?.sub,
  }
}

function dateOf(seconds: number | undefined): Date | undefined {
  return typeof seconds === 'number' ? new Date(seconds * 1000) : undefined
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Server and token of a remote kubeconfig. */
export interface RemoteKubeconfigAccess {
  server: string | undefined
  token: string | undefined
}

/** The fields of a kubeconfig that are read. The lists may hold anything, since a Secret may hold any text. */
interface RemoteKubeconfig {
  'current-context'?: string
  contexts?: unknown
  clusters?: unknown
  users?: unknown
}

interface ContextEntry {
  context?: {cluster?: string; user?: string}
}

interface ClusterEntry {
  cluster?: {server?: string}
}

interface UserEntry {
  user?: {token?: string}
}

/**
 * Reads the server and token of a remote kubeconfig. Returns undefined if it is not YAML.
 *
 * Only the current context counts, as for istiod (client-go). If it names no entry, server and token are undefined.
 */
export function accessIn(kubeconfig: string): RemoteKubeconfigAccess | undefined {
  const config = parseKubeconfig(kubeconfig)
  if (!config) return undefined
  const context = entryNamed<ContextEntry>(config.contexts, config['current-context'])?.context
  return {
    server: entryNamed<ClusterEntry>(config.clusters, context?.cluster)?.cluster?.server,
    token: entryNamed<UserEntry>(config.users, context?.user)?.user?.token,
  }
}

function parseKubeconfig(text: string): RemoteKubeconfig | undefined {
  try {
    return (loadYaml(text) as RemoteKubeconfig | null | undefined) ?? {}
  } catch {
    return undefined
  }
}

function entryNamed<T>(entries: unknown, name: string | undefined): T | undefined {
  return Array.isArray(entries) ? entries.find((entry: {name?: string} | null) => entry?.name === name) : undefined
}
