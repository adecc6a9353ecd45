import {usageError} from '../../errors.ts'
import {isCertificate, isHeaderValue} from '../kubeconfig/check-credential.ts'
import {type CredentialSource, credentialsOf, noCredentials, pemOf, tokenSource} from '../kubeconfig/credentials.ts'
import type {ClusterEntry, UserEntry} from '../kubeconfig/entries.ts'
import {contextEntries, type Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import {validateCluster, validateUser} from '../kubeconfig/validate-user.ts'
import type {Right} from '../kubernetes/access-rules.ts'
import {createCluster} from './api.ts'
import type {Cluster, ServerAddress} from './cluster.ts'
import {createTransport} from './http.ts'
import {createPods} from './pods/pods.ts'
import {ConnectionPool, type PoolOptions} from './pool.ts'
import {isReachableUrl, proxyFor} from './proxy/proxy.ts'

export interface ConnectOptions {
  /** User to impersonate (`--as`). Takes precedence over the kubeconfig's `as`. */
  as?: string
  /** Groups to impersonate (`--as-group`). */
  asGroups?: string[]
  /**
   * Limit of each request in ms; 0 means no limit. Omitted: no limit for the whole request, but a server that sends
   * nothing for 30 s (reads) or 65 s (writes) counts as unreachable.
   */
  requestTimeout?: number
  /** Owner of all fields that are written. */
  fieldManager: string
  /** Returns the permissions that the command needs. If a request is denied, the error lists all that the user lacks. */
  needs?: () => Promise<readonly Right[]>
  /** Receives method, URL, status and duration of each request (`-v=6`). */
  verbose?: (line: string) => void
  /** Receives each distinct warning of the server once (deprecated versions, …). */
  warn?: (warning: string) => void
}

/** The part of a kubeconfig that a context refers to. */
interface Access {
  context: string
  /** URL of the API server, exactly as in the kubeconfig. */
  serverText: string
  server: URL
  namespace: string
  cluster: ClusterEntry
  user: UserEntry | undefined
  ca: Buffer | undefined
}

/**
 * Returns the cluster of a context. Sends no request and runs no credential plugin before the first request.
 *
 * @param context '' for the current context
 * @throws MeshError (exit 2) if the context, server, certificate or proxy in the kubeconfig is not usable
 */
export async function connectCluster(
  kubeconfig: Kubeconfig,
  context: string,
  options: ConnectOptions,
): Promise<Cluster> {
  const access = readAccess(kubeconfig, context, options.as ?? '')
  const {cluster, ca} = access
  return clusterAt(access, options, {
    server: access.serverText,
    url: access.server,
    certificateAuthority: ca?.toString('utf8'),
    tlsServerName: cluster.tlsServerName || undefined,
    skipsVerification: cluster.insecureSkipTlsVerify,
    proxyUrl: cluster.proxyUrl,
    credentials: credentialsFor(access, ca?.toString('utf8')),
    headers: impersonationHeaders(access, options),
  })
}

/** A way to the API server of a context. */
interface Connection extends ServerAddress {
  url: URL
  skipsVerification: boolean
  proxyUrl: string
  credentials: CredentialSource
  headers: Record<string, string | string[]>
}

function clusterAt(access: Access, options: ConnectOptions, connection: Connection): Cluster {
  const {context, namespace} = access
  const {server, certificateAuthority, tlsServerName, skipsVerification, credentials, headers} = connection
  const pool: PoolOptions = {
    server: connection.url,
    tls: {
      ...(certificateAuthority === undefined ? {} : {ca: Buffer.from(certificateAuthority)}),
      ...(tlsServerName ? {servername: tlsServerName} : {}),
      rejectUnauthorized: !skipsVerification,
    },
    proxy: proxyFor(connection.url, connection.proxyUrl, process.env),
  }
  const streams = new ConnectionPool(pool)
  const pods = createPods({
    context,
    server: connection.url,
    headers,
    credential: () => credentials.current(),
    agentFor: credential => streams.agentFor(credential),
  })
  const transport = createTransport({
    ...pool,
    context,
    credentials,
    headers,
    requestTimeout: options.requestTimeout,
    onWarning: options.warn,
    verbose: options.verbose,
  })
  const withToken = (token: string, at?: ServerAddress) =>
    clusterAt(access, options, {
      ...connection,
      ...(at ? {...at, url: new URL(at.server), skipsVerification: false, proxyUrl: ''} : {}),
      credentials: tokenSource(token, context),
      headers: {},
    })
  const identity = {
    ...{context, server, certificateAuthority, skipsVerification, tlsServerName, namespace, pods, withToken},
  }
  return createCluster(identity, transport, options.fieldManager, options.needs)
}

function readAccess(kubeconfig: Kubeconfig, name: string, as: string): Access {
  const {info, entries} = contextEntries(kubeconfig, name)
  const {context, cluster: clusterName, user: userName, server, namespace} = info
  const {value: cluster, file} = entries.clusters.get(clusterName)!
  const user = entries.users.get(userName)?.value
  if (user) validateUser(user, userName, as)
  validateCluster(cluster, clusterName)
  const ca = pemOf(cluster.certificateAuthorityData, cluster.certificateAuthority, 'certificate-authority')
  if (ca && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    throw usageError(`${file}: the certificate authority of cluster "${clusterName}" is not a PEM certificate`)
  }
  if (ca && !isCertificate(ca)) {
    throw usageError(`${file}: the certificate authority of cluster "${clusterName}" is not a valid PEM certificate`)
  }
  if (ca && cluster.insecureSkipTlsVerify) {
    throw usageError(
      `${file}: cluster "${clusterName}" sets both a certificate authority and insecure-skip-tls-verify`,
      'remove insecure-skip-tls-verify',
    )
  }
  const usesTls = ca !== undefined || Boolean(user?.clientCertificate) || cluster.insecureSkipTlsVerify
  const url = serverUrl(cluster, usesTls, clusterName, file)
  return {context, serverText: server, server: url, namespace, cluster, user, ca}
}

/** A server without a scheme is https if any TLS option is set, otherwise http (client-go, rest/url_utils.go). */
function serverUrl(cluster: ClusterEntry, usesTls: boolean, name: string, file: string): URL {
  const scheme = usesTls ? 'https' : 'http'
  const url = URL.parse(cluster.server.includes('://') ? cluster.server : `${scheme}://${cluster.server}`)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError(`${file}: the server of cluster "${name}" is not an http or https URL`)
  }
  if (!isReachableUrl(url))
    throw usageError(
      `${file}: the server of cluster "${name}" has port 0, or a host name with more than 253 characters`,
    )
  return url
}

/** Like kubectl, sends no credential over plain HTTP (client-go, clientcmd/client_config.go). */
function credentialsFor({user, server, cluster, context}: Access, ca: string | undefined): CredentialSource {
  return user && server.protocol === 'https:' ? credentialsOf(user, cluster, ca, context) : noCredentials
}

/** Each flag takes precedence over the corresponding field of the kubeconfig's user. */
function impersonationHeaders({user, context}: Access, options: ConnectOptions): Record<string, string | string[]> {
  const as = options.as || user?.as
  const groups = options.asGroups?.length ? options.asGroups : (user?.asGroups ?? [])
  if (!as) {
    if (groups.length > 0) throw usageError('impersonating groups also requires a user', 'add --as USER')
    return {}
  }
  const headers = {
    'Impersonate-User': as,
    ...(groups.length > 0 ? {'Impersonate-Group': groups} : {}),
    ...(user ? extraHeaders(user) : {}),
  }
  if (!Object.values(headers).flat().every(isHeaderValue))
    throw usageError(
      `context "${context}": as, as-groups, as-uid or as-user-extra contains a character that HTTP headers cannot contain`,
    )
  return headers
}

function extraHeaders({asUid, asUserExtra}: UserEntry): Record<string, string | string[]> {
  const extra = Object.entries(asUserExtra)
  return {
    ...(asUid ? {'Impersonate-Uid': asUid} : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${headerName(key)}`, values])),
  }
}

/** A header name allows fewer characters than a URL. The server decodes the name (client-go, transport/round_trippers.go). */
function headerName(key: string): string {
  return encodeURIComponent(key.toWellFormed()).replace(/[()]/g, character => (character === '(' ? '%28' : '%29'))
}
