import {MeshError, refusedError, usageError} from '../../errors.ts'
import {fileReason} from '../../text/file-errors.ts'
import {codeOf} from '../../text/files.ts'
import {readBytesSync} from '../../text/read-text.ts'
import {authProviderSource} from './auth-provider.ts'
import {usableCredential} from './check-credential.ts'
import type {ClusterEntry, UserEntry} from './entries.ts'
import {runExecPlugin} from './exec-plugin.ts'
import {type CredentialSource, fixedSource, type Lease, leasedSource, rereadMs} from './leases.ts'

export type {Credential, CredentialSource} from './leases.ts'

/** The client certificate of a user: PEM of the certificate and its key. */
interface ClientCertificate {
  cert: Buffer | string | undefined
  key: Buffer | string | undefined
}

/** The source for a user without any credential. */
export const noCredentials: CredentialSource = fixedSource({authorization: undefined, cert: undefined, key: undefined})

/**
 * Returns the credentials of a bearer token.
 *
 * @throws MeshError (exit 2) if it contains a character that HTTP headers cannot contain
 */
export function tokenSource(token: string, context: string): CredentialSource {
  const client = {cert: undefined, key: undefined}
  return fixedSource(checked(lease(bearer(token), client, 0), context, 'token').credential)
}

/**
 * Returns the credentials of a kubeconfig user, with client-go's precedence.
 *
 * A client certificate is combined with any other credential. The Authorization header comes from the first of: token
 * file, token, username and password, auth provider, exec plugin.
 *
 * @param certificateAuthority PEM of the cluster's certificate authority, for exec plugins with `provideClusterInfo`
 * @throws MeshError (exit 2) if a certificate file cannot be read. `current` and `renew` throw MeshError if a token
 *   file cannot be read (exit 2), or if a plugin or auth provider fails.
 */
export function credentialsOf(
  user: UserEntry,
  cluster: ClusterEntry,
  certificateAuthority: string | undefined,
  context: string,
): CredentialSource {
  const client = {
    cert: pemOf(user.clientCertificateData, user.clientCertificate, 'client-certificate'),
    key: pemOf(user.clientKeyData, user.clientKey, 'client-key'),
  }
  const {authProvider, exec} = user
  // An unknown provider is an error even if another credential comes first, as with kubectl.
  const readAuthorization = authProvider && authProviderSource(authProvider, cluster.server, context)
  if (user.tokenFile) {
    return leasedSource(async () =>
      checked(lease(bearer(readToken(user)), client, Date.now() + rereadMs), context, 'the file of tokenFile'),
    )
  }
  const fixed = (authorization: string | undefined) =>
    fixedSource(checked(lease(authorization, client, 0), context, 'token').credential)
  if (user.token) return fixed(bearer(user.token))
  if (user.username || user.password) return fixed(basic(user))
  if (readAuthorization) {
    return leasedSource(async () =>
      checked(lease(await readAuthorization(), client, Date.now() + rereadMs), context, 'id-token'),
    )
  }
  if (exec) {
    return leasedSource(async () => {
      const {token, cert, key, expires} = await runExecPlugin(exec, cluster, certificateAuthority, context)
      const merged = {cert: cert ?? client.cert, key: key ?? client.key}
      const until = expires?.getTime() ?? Number.POSITIVE_INFINITY
      return checked(lease(token && bearer(token), merged, until), context, 'what the credential plugin returned')
    })
  }
  return fixed(undefined)
}

/** @param tokenFrom what the token is, for the error message */
function checked(found: Lease, context: string, tokenFrom: string): Lease {
  const isPlugin = tokenFrom.includes('plugin')
  const certificate = isPlugin ? tokenFrom : 'client-certificate of the user'
  usableCredential(found.credential, part => {
    const what = part === 'token' ? tokenFrom : certificate
    const reason =
      part === 'token'
        ? 'contains characters that no token can have, such as a line break'
        : 'is not a PEM certificate with its key'
    return (isPlugin ? refusedError : usageError)(`context "${context}": ${what} ${reason}`)
  })
  return found
}

/**
 * Returns a PEM from inline data, otherwise from a file; undefined if neither is set.
 *
 * @param file '' if not set
 * @param field name of the field that refers to the file, for the error message
 * @throws MeshError (exit 2) if the file cannot be read
 */
export function pemOf(data: Buffer | undefined, file: string, field: string): Buffer | undefined {
  return data ?? (file ? readReferencedFile(file, field) : undefined)
}

function lease(authorization: string | undefined, client: ClientCertificate, until: number): Lease {
  return {credential: {authorization, ...client}, until}
}

/** If the file cannot be read, the token in the kubeconfig applies (client-go, rest/config.go). */
function readToken(user: UserEntry): string {
  if (!user.token) return readReferencedFile(user.tokenFile, 'tokenFile').toString('utf8').trim()
  try {
    return readBytesSync(user.tokenFile).toString('utf8').trim() || user.token
  } catch {
    return user.token
  }
}

/** The error does not quote the path: a token in `tokenFile` instead of `token` is an easy mistake. */
function readReferencedFile(file: string, field: string): Buffer {
  try {
    return readBytesSync(file)
  } catch (error) {
    const other = error instanceof MeshError ? error.message : (codeOf(error) ?? 'invalid path')
    throw usageError(`cannot read the file that ${field} of the kubeconfig refers to: ${fileReason(error, other)}`)
  }
}

function bearer(token: string): string {
  return `Bearer ${token}`
}

function basic({username, password}: UserEntry): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`
}
