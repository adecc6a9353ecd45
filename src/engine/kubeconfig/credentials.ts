import {readFileSync} from 'node:fs'
import {messageOf, usageError} from '../../errors.ts'
import type {ClusterEntry, UserEntry} from './entries.ts'
import {runExecPlugin} from './exec-plugin.ts'

/** What goes along with a request. Never logged. */
export interface Credential {
  /** Value of the Authorization header. */
  authorization: string | undefined
  /** PEM of a client certificate and its key. */
  cert: Buffer | string | undefined
  key: Buffer | string | undefined
}

/** A user's credential, computed once and again when it expires. */
export interface CredentialSource {
  current(): Promise<Credential>
  /**
   * The server refused a credential with 401. True when there is another one now, so that the request is worth a second
   * try; requests that run into it together share one renewal.
   */
  renew(refused: Credential): Promise<boolean>
}

/** client-go reads a token file again after a minute (transport/token_source.go). */
const rereadMs = 60_000

/** A credential and the time (ms since 1970) until which it can be taken as it is. */
interface Lease {
  credential: Credential
  until: number
}

/**
 * The credentials of a kubeconfig user, found in client-go's order: a client certificate goes along with all others; an
 * Authorization comes from the token (file), else user and password, else the auth provider, else the exec plugin.
 *
 * @param certificateAuthority PEM of the cluster's, for exec plugins that want to know
 * @throws MeshError (exit 2) on files that can't be read; `current` and `renew` throw MeshError when a plugin fails
 */
export function credentialsOf(
  user: UserEntry,
  cluster: ClusterEntry,
  certificateAuthority: string | undefined,
  context: string,
): CredentialSource {
  const cert = pemOf(user.clientCertificateData, user.clientCertificate)
  const key = pemOf(user.clientKeyData, user.clientKey)
  const fixed = (authorization: string | undefined): Lease => ({
    credential: {authorization, cert, key},
    until: Number.POSITIVE_INFINITY,
  })
  if (user.tokenFile) {
    return leased(async () => ({...fixed(bearer(tokenOf(user))), until: Date.now() + rereadMs}))
  }
  if (user.token) return unchanging(fixed(bearer(user.token)).credential)
  if (user.username || user.password) {
    const pair = Buffer.from(`${user.username}:${user.password}`).toString('base64')
    return unchanging(fixed(`Basic ${pair}`).credential)
  }
  const {authProvider, exec} = user
  if (authProvider) {
    const ask = askProvider(authProvider, cluster.server, context)
    return leased(async () => ({...fixed(await ask()), until: Date.now() + rereadMs}))
  }
  if (exec) {
    return leased(async () => {
      const answer = await runExecPlugin(exec, cluster, certificateAuthority, context)
      return {
        credential: {
          authorization: answer.token && bearer(answer.token),
          cert: answer.cert ?? cert,
          key: answer.key ?? key,
        },
        until: answer.expires?.getTime() ?? Number.POSITIVE_INFINITY,
      }
    })
  }
  return unchanging(fixed(undefined).credential)
}

/** The text of a PEM that stands in the kubeconfig, or in a file that it names. Data comes before the file. */
export function pemOf(data: Buffer | undefined, file: string): Buffer | undefined {
  return data ?? (file ? read(file) : undefined)
}

function unchanging(credential: Credential): CredentialSource {
  return {current: async () => credential, renew: async () => false}
}

function leased(fetch: () => Promise<Lease>): CredentialSource {
  let running: Promise<Lease> | undefined
  let lease: Lease | undefined
  const renewed = async (): Promise<Lease> => {
    running ??= fetch().finally(() => {
      running = undefined
    })
    lease = await running
    return lease
  }
  return {
    current: async () => (lease && Date.now() < lease.until ? lease : await renewed()).credential,
    renew: async refused => {
      if (lease && lease.credential !== refused) return true
      const {credential} = await renewed()
      return credential.authorization !== refused.authorization || String(credential.cert) !== String(refused.cert)
    },
  }
}

/** A file that is not there (yet) leaves the token of the kubeconfig (client-go, rest/config.go). */
function tokenOf(user: UserEntry): string {
  if (!user.token) return read(user.tokenFile).toString('utf8').trim()
  try {
    return readFileSync(user.tokenFile, 'utf8').trim() || user.token
  } catch {
    return user.token
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw usageError(`cannot read a file that the kubeconfig names: ${messageOf(error)}`)
  }
}

/** OIDC and other auth providers are client-node's: heavy, so it is loaded only here. */
function askProvider(
  authProvider: NonNullable<UserEntry['authProvider']>,
  server: string,
  context: string,
): () => Promise<string | undefined> {
  let config: Promise<import('@kubernetes/client-node').KubeConfig> | undefined
  const load = async () => {
    const {KubeConfig} = await import('@kubernetes/client-node')
    const made = new KubeConfig()
    made.loadFromOptions({
      clusters: [{name: context, server, skipTLSVerify: true}],
      users: [{name: context, authProvider}],
      contexts: [{name: context, cluster: context, user: context}],
      currentContext: context,
    })
    return made
  }
  return async () => {
    config ??= load()
    const options: {headers?: Record<string, string | undefined>} = {}
    try {
      await (await config).applyToHTTPSOptions(options)
    } catch (error) {
      throw usageError(`context "${context}": auth provider "${authProvider.name}": ${messageOf(error)}`)
    }
    return options.headers?.Authorization
  }
}

function bearer(token: string): string {
  return `Bearer ${token}`
}
