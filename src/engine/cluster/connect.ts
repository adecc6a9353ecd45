import {usageError} from '../../errors.ts'
import {type CredentialSource, credentialsOf, pemOf} from '../kubeconfig/credentials.ts'
import type {ClusterEntry, UserEntry} from '../kubeconfig/entries.ts'
import {contextInfo, type Kubeconfig} from '../kubeconfig/kubeconfig.ts'
import {createCluster} from './api.ts'
import type {Cluster} from './cluster.ts'
import {createTransport} from './http.ts'
import {createPods} from './pods.ts'
import {proxyFor} from './proxy.ts'

export interface ConnectOptions {
  /** Impersonate this user (`--as`), before the kubeconfig's own `as`. */
  as?: string
  /** … with these groups (`--as-group`). */
  asGroups?: string[]
  /**
   * Limit of each request in ms, 0: none. Left out: no limit for the whole request, but a server that gives no sign for
   * 30 s (reads) or 65 s (writes) counts as unreachable.
   */
  requestTimeout?: number
  /** Owner of the fields that are written. */
  fieldManager: string
  /** Gets method, URL, status and duration of each request (`-v=6`). */
  verbose?: (line: string) => void
  /** Gets the server's warnings (deprecated versions, …), each once. */
  warn?: (warning: string) => void
}

/**
 * Prepares the connection to a context's cluster. Nothing is sent and no plugin runs before the first request.
 *
 * @param context '' is the current context
 * @throws MeshError (exit 2) on a context, server, certificate or proxy in the kubeconfig that can't be used
 */
export async function connectCluster(
  kubeconfig: Kubeconfig,
  context: string,
  options: ConnectOptions,
): Promise<Cluster> {
  const info = contextInfo(kubeconfig, context)
  const {value: cluster, file} = kubeconfig.clusters.get(info.cluster)!
  const user = kubeconfig.users.get(info.user)?.value
  const ca = pemOf(cluster.certificateAuthorityData, cluster.certificateAuthority)
  if (ca && cluster.insecureSkipTlsVerify) {
    throw usageError(
      `${file}: cluster "${info.cluster}" sets a certificate authority and insecure-skip-tls-verify`,
      'remove insecure-skip-tls-verify',
    )
  }
  const server = serverUrl(cluster, ca !== undefined || Boolean(user?.clientCertificate), info.cluster, file)
  const secure = server.protocol === 'https:'
  const authority = ca?.toString('utf8')
  // Like kubectl: over plain HTTP no credential is sent (client-go, clientcmd/client_config.go).
  const credentials: CredentialSource =
    user && secure
      ? credentialsOf(user, cluster, authority, info.context)
      : {
          current: async () => ({authorization: undefined, cert: undefined, key: undefined}),
          renew: async () => false,
        }
  const pods = createPods({
    context: info.context,
    server: info.server,
    ca: authority,
    tlsServerName: cluster.tlsServerName || undefined,
    insecure: cluster.insecureSkipTlsVerify ?? false,
    as: options.as || user?.as,
    credential: () => credentials.current(),
  })
  const transport = createTransport({
    context: info.context,
    server,
    credentials,
    tls: {
      ...(ca ? {ca} : {}),
      ...(cluster.tlsServerName ? {servername: cluster.tlsServerName} : {}),
      rejectUnauthorized: !cluster.insecureSkipTlsVerify,
    },
    proxy: proxyFor(server, cluster.proxyUrl, process.env),
    headers: impersonation(user, options),
    requestTimeout: options.requestTimeout,
    onWarning: options.warn,
    verbose: options.verbose,
  })
  return createCluster(
    {
      context: info.context,
      server: info.server,
      certificateAuthority: authority,
      tlsServerName: cluster.tlsServerName || undefined,
      namespace: info.namespace,
      pods,
    },
    transport,
    options.fieldManager,
  )
}

/** A server without a scheme is https when anything of TLS is set, else http (client-go, rest/url_utils.go). */
function serverUrl(cluster: ClusterEntry, hasTls: boolean, name: string, file: string): URL {
  const scheme = hasTls || cluster.insecureSkipTlsVerify ? 'https' : 'http'
  const url = URL.parse(cluster.server.includes('://') ? cluster.server : `${scheme}://${cluster.server}`)
  if (!url || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw usageError(`${file}: the server of cluster "${name}" is not an http or https URL`)
  }
  return url
}

/** Flags come before what the kubeconfig's user has, field by field. */
function impersonation(user: UserEntry | undefined, options: ConnectOptions): Record<string, string | string[]> {
  const as = options.as || user?.as
  const groups = options.asGroups?.length ? options.asGroups : (user?.asGroups ?? [])
  const extra = Object.entries(user?.asUserExtra ?? {})
  if (!as) {
    if (groups.length > 0) throw usageError('impersonating groups needs a user too', 'add --as USER')
    return {}
  }
  return {
    'Impersonate-User': as,
    ...(user?.asUid ? {'Impersonate-Uid': user.asUid} : {}),
    ...(groups.length > 0 ? {'Impersonate-Group': groups} : {}),
    ...Object.fromEntries(extra.map(([key, values]) => [`Impersonate-Extra-${encodeURIComponent(key)}`, values])),
  }
}
