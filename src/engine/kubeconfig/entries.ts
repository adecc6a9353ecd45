import {dirname, isAbsolute, join, resolve, sep} from 'node:path'
import {usageError} from '../../errors.ts'
import {below, data, flag, list, mapping, type Place, text, texts} from './fields.ts'

/** A cluster of a kubeconfig. Paths are absolute; '' means not set. */
export interface ClusterEntry {
  server: string
  tlsServerName: string
  insecureSkipTlsVerify: boolean
  certificateAuthority: string
  certificateAuthorityData: Buffer | undefined
  proxyUrl: string
  /** Value of the extension `client.authentication.k8s.io/exec`, which exec plugins receive unchanged. */
  execConfig: unknown
}

/** An exec credential plugin. `command` is an absolute path, or a name to look up in PATH. */
export interface ExecEntry {
  apiVersion: string
  command: string
  args: string[]
  env: {name: string; value: string}[]
  installHint: string
  provideClusterInfo: boolean
  interactiveMode: string
}

/** A user of a kubeconfig. Paths are absolute; '' means not set. */
export interface UserEntry {
  clientCertificate: string
  clientCertificateData: Buffer | undefined
  clientKey: string
  clientKeyData: Buffer | undefined
  token: string
  tokenFile: string
  username: string
  password: string
  as: string
  asUid: string
  asGroups: string[]
  asUserExtra: Record<string, string[]>
  exec: ExecEntry | undefined
  authProvider: {name: string; config: Record<string, string>} | undefined
}

/** A context of a kubeconfig: the names of its cluster and user, and its namespace. '' means not set. */
export interface ContextEntry {
  cluster: string
  user: string
  namespace: string
}

/** The fields of one kubeconfig file that this program uses. */
export interface KubeconfigFile {
  currentContext: string
  clusters: Map<string, ClusterEntry>
  users: Map<string, UserEntry>
  contexts: Map<string, ContextEntry>
}

/**
 * Reads the fields of a parsed kubeconfig as client-go's clientcmd v1 types do: unknown fields are ignored, missing
 * fields are empty, and a duplicate name in one list is an error. Relative paths are resolved against the file's
 * folder.
 *
 * @throws MeshError (exit 2) that names the file and the field
 */
export function readKubeconfigFile(document: unknown, file: string): KubeconfigFile {
  const top: Place = {file, path: ''}
  const fields = mapping(document, top)
  const kind = text(fields, 'kind', top)
  const apiVersion = text(fields, 'apiVersion', top)
  if ((kind && kind !== 'Config') || (apiVersion && apiVersion !== 'v1')) {
    throw usageError(`${file}: not a kubeconfig: expected kind Config and apiVersion v1`)
  }
  const folder = dirname(resolve(file))
  return {
    currentContext: text(fields, 'current-context', top),
    clusters: named(fields, 'clusters', 'cluster', top, (value, at) => readCluster(value, at, folder)),
    users: named(fields, 'users', 'user', top, (value, at) => readUser(value, at, folder)),
    contexts: named(fields, 'contexts', 'context', top, readContext),
  }
}

type Fields = Record<string, unknown>

function named<T>(
  fields: Fields,
  plural: string,
  singular: string,
  top: Place,
  read: (value: Fields, at: Place) => T,
): Map<string, T> {
  const entries = new Map<string, T>()
  for (const [index, item] of list(fields[plural], below(top, plural)).entries()) {
    const at = below(top, `${plural}[${index}]`)
    const entry = mapping(item, at)
    const name = text(entry, 'name', at)
    if (entries.has(name)) throw usageError(`${top.file}: several ${plural} have the name "${name}"`)
    entries.set(name, read(mapping(entry[singular], below(at, singular)), below(at, singular)))
  }
  return entries
}

function readContext(fields: Fields, at: Place): ContextEntry {
  return {
    cluster: text(fields, 'cluster', at),
    user: text(fields, 'user', at),
    namespace: text(fields, 'namespace', at),
  }
}

/** Reads the fields of a cluster of a kubeconfig. Relative paths are resolved against `folder`. Throws MeshError (exit 2). */
export function readCluster(fields: Fields, at: Place, folder: string): ClusterEntry {
  return {
    server: text(fields, 'server', at),
    tlsServerName: text(fields, 'tls-server-name', at),
    insecureSkipTlsVerify: flag(fields, 'insecure-skip-tls-verify', at),
    certificateAuthority: pathFrom(folder, text(fields, 'certificate-authority', at)),
    certificateAuthorityData: data(fields, 'certificate-authority-data', at),
    proxyUrl: text(fields, 'proxy-url', at),
    execConfig: named(fields, 'extensions', 'extension', at, value => value).get('client.authentication.k8s.io/exec'),
  }
}

function readUser(fields: Fields, at: Place, folder: string): UserEntry {
  const extra = mapping(fields['as-user-extra'], below(at, 'as-user-extra'))
  return {
    clientCertificate: pathFrom(folder, text(fields, 'client-certificate', at)),
    clientCertificateData: data(fields, 'client-certificate-data', at),
    clientKey: pathFrom(folder, text(fields, 'client-key', at)),
    clientKeyData: data(fields, 'client-key-data', at),
    token: text(fields, 'token', at),
    tokenFile: pathFrom(folder, text(fields, 'tokenFile', at)),
    username: text(fields, 'username', at),
    password: text(fields, 'password', at),
    as: text(fields, 'as', at),
    asUid: text(fields, 'as-uid', at),
    asGroups: texts(fields, 'as-groups', at),
    asUserExtra: entriesOf(extra, below(at, 'as-user-extra'), texts),
    exec: readExec(fields.exec, below(at, 'exec'), folder),
    authProvider: readAuthProvider(fields['auth-provider'], below(at, 'auth-provider')),
  }
}

/** Reads an exec credential plugin; undefined if it is missing. Throws MeshError (exit 2). */
export function readExec(value: unknown, at: Place, folder: string): ExecEntry | undefined {
  if (value === undefined || value === null) return undefined
  const fields = mapping(value, at)
  const command = text(fields, 'command', at)
  return {
    apiVersion: text(fields, 'apiVersion', at),
    // A name without a slash is looked up in PATH (client-go, clientcmd/loader.go, GetAuthInfoFileReferences).
    command: command.includes(sep) ? pathFrom(folder, command) : command,
    args: texts(fields, 'args', at),
    env: list(fields.env, below(at, 'env')).map((item, index) => {
      const here = below(at, `env[${index}]`)
      const pair = mapping(item, here)
      return {name: text(pair, 'name', here), value: text(pair, 'value', here)}
    }),
    installHint: text(fields, 'installHint', at),
    provideClusterInfo: flag(fields, 'provideClusterInfo', at),
    interactiveMode: text(fields, 'interactiveMode', at),
  }
}

function readAuthProvider(value: unknown, at: Place): UserEntry['authProvider'] {
  if (value === undefined || value === null) return undefined
  const fields = mapping(value, at)
  const config = mapping(fields.config, below(at, 'config'))
  return {name: text(fields, 'name', at), config: entriesOf(config, below(at, 'config'), text)}
}

/** Reads the values of a mapping with arbitrary keys. Errors show `*` for a key, which may be a misplaced secret. */
function entriesOf<T>(
  fields: Fields,
  at: Place,
  read: (fields: Fields, field: string, at: Place) => T,
): Record<string, T> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, read({'*': value}, '*', at)]))
}

function pathFrom(folder: string, path: string): string {
  return path && !isAbsolute(path) ? join(folder, path) : path
}
