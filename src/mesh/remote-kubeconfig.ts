import {parseJson} from '../text/json.ts'
import {remembering} from '../text/remembering.ts'
import {parseYaml} from '../text/yaml.ts'

/** The claims of a service account token that this program uses. Nothing is verified. */
export interface TokenClaims {
  issued: Date | undefined
  expires: Date | undefined
  /** Uid of the Secret that the token is bound to. */
  boundUid: string | undefined
  /** `system:serviceaccount:NAMESPACE:NAME` */
  subject: string | undefined
}

/** Reads the claims of a service account token. All are undefined for a text that is not a JWT. */
export const claimsOf: (token: string) => TokenClaims = remembering(token => {
  const payload = Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')
  const claims = mapping(parseJson(payload))
  return {
    issued: dateOf(claims.iat),
    expires: dateOf(claims.exp),
    boundUid: textOf(mapping(mapping(claims['kubernetes.io']).secret).uid),
    subject: textOf(claims.sub),
  }
})

function dateOf(seconds: unknown): Date | undefined {
  const date = new Date(typeof seconds === 'number' ? seconds * 1000 : Number.NaN)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Server, token and certificate authority of a remote kubeconfig. */
export interface RemoteKubeconfigAccess {
  server: string | undefined
  token: string | undefined
  /** PEM of `certificate-authority-data`. */
  authority: string | undefined
  /** `tls-server-name` */
  serverName: string | undefined
}

type Fields = Record<string, unknown>

/**
 * Reads the server, token and certificate authority of a remote kubeconfig. Returns undefined if it is not YAML.
 *
 * Only the current context counts, as for istiod (client-go). If it names no entry, all are undefined.
 *
 * Threat: whoever can write Secrets in the system namespace chooses the kubeconfig. Only texts are taken from it, and no
 * client is ever built from it: that could run a program, read a file or send a token to any server.
 */
export const accessIn: (kubeconfig: string) => RemoteKubeconfigAccess | undefined = remembering(kubeconfig => {
  const config = parseKubeconfig(kubeconfig)
  if (!config) return undefined
  const {cluster, user} = currentEntries(config)
  const data = textOf(cluster['certificate-authority-data'])
  const authority = data ? Buffer.from(data, 'base64').toString('utf8') : undefined
  const serverName = textOf(cluster['tls-server-name']) || undefined
  return {server: textOf(cluster.server), token: textOf(user.token), authority, serverName}
})

/** Fields of a user that istiod rejects, whichever user has them. */
const rejectedFields = ['exec', 'tokenFile', 'client-certificate', 'client-key']

/** Fields of a user with which client-go sends requests as another user than that of the token. */
const otherUserFields = [
  'as',
  'as-uid',
  'as-groups',
  'as-user-extra',
  'client-certificate-data',
  'username',
  'password',
]

/**
 * Returns why istiod would reject a remote kubeconfig, or connect in another way than `mesh federate` configures: with a
 * certificate that is not verified, through a proxy, as another user, or with an expired token. Each text follows the name of the Secret:
 * `sets exec, which istiod rejects`. Empty for a text that is not YAML, which has no token either.
 *
 * Source: Istio, pkg/kube/multicluster, sanitizeKubeConfig: all users are inspected, and
 * PILOT_INSECURE_MULTICLUSTER_KUBECONFIG_OPTIONS, which would allow the fields, is empty by default.
 *
 * @param now for the expiry of the token
 */
export function kubeconfigProblems(kubeconfig: string, now: Date): string[] {
  const config = parseKubeconfig(kubeconfig)
  if (!config) return []
  const {cluster, user} = currentEntries(config)
  const users = entries(config.users).map(entry => mapping(entry.user))
  const rejected = [
    ...rejectedFields.filter(field => users.some(one => isSet(one[field]))),
    ...(users.some(hasRejectedProvider) ? ['auth-provider'] : []),
  ]
  const {expires} = claimsOf(textOf(user.token) ?? '')
  const others = isSet(user.token) ? otherUserFields.filter(field => isSet(user[field])) : []
  return [
    ...(rejected.length > 0 ? [`sets ${rejected.join(' and ')}, which istiod rejects`] : []),
    ...(isSet(cluster['insecure-skip-tls-verify'])
      ? ['sets insecure-skip-tls-verify: istiod would send its token to any server at that address']
      : []),
    ...(isSet(cluster['proxy-url']) ? [`sets proxy-url: istiod would connect through ${proxyIn(cluster)}`] : []),
    ...(isSet(cluster['certificate-authority']) ? ['sets certificate-authority: istiod does not have this file'] : []),
    ...(others.length > 0
      ? [`sets ${others.join(' and ')}: istiod would not connect as the service account of its token`]
      : []),
    ...(expires && expires <= now ? [`contains a token that expired at ${expires.toISOString()}`] : []),
  ]
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== false
}

/** OIDC is the only provider that istiod accepts. */
function hasRejectedProvider(user: Fields): boolean {
  return isSet(user['auth-provider']) && mapping(user['auth-provider']).name !== 'oidc'
}

/** The host of a proxy. The URL may contain a password. */
function proxyIn(cluster: Fields): string {
  return URL.parse(textOf(cluster['proxy-url']) ?? '')?.host || 'a proxy'
}

/** The cluster and the user of the current context; without fields if there are none. */
function currentEntries(config: Fields): {cluster: Fields; user: Fields} {
  const context = mapping(entryNamed(config.contexts, textOf(config['current-context'])).context)
  return {
    cluster: mapping(entryNamed(config.clusters, textOf(context.cluster)).cluster),
    user: mapping(entryNamed(config.users, textOf(context.user)).user),
  }
}

function parseKubeconfig(text: string): Fields | undefined {
  const value = parseYaml(text)
  return value === undefined ? undefined : mapping(value)
}

function entryNamed(list: unknown, name: string | undefined): Fields {
  return (name === undefined ? undefined : entries(list).find(entry => entry.name === name)) ?? {}
}

function entries(list: unknown): Fields[] {
  return Array.isArray(list) ? list.map(mapping) : []
}

/** The fields of a mapping; none for any other value, since a Secret may hold anything. */
function mapping(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
