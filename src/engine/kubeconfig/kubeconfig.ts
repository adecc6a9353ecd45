import {homedir} from 'node:os'
import {delimiter, join} from 'node:path'
import {MeshError, messageOf, usageError} from '../../errors.ts'
import {readBytesSync} from '../../text/read-text.ts'
import {
  type ClusterEntry,
  type ContextEntry,
  type KubeconfigFile,
  readKubeconfigFile,
  type UserEntry,
} from './entries.ts'
import {parseKubeconfigYaml} from './yaml.ts'

/** A kubeconfig with a thousand contexts has about 5 MB. */
const maxFileBytes = 16 * 1024 * 1024

/** An entry and the file that contains it. */
interface Found<T> {
  file: string
  value: T
}

/** One or more kubeconfig files, merged. */
export interface Kubeconfig {
  /** All candidate files, in order; some may not exist. */
  files: string[]
  /** '' if no file sets one. */
  currentContext: string
  clusters: Map<string, Found<ClusterEntry>>
  users: Map<string, Found<UserEntry>>
  contexts: Map<string, Found<ContextEntry>>
}

/** A context with the values of its cluster and user. */
export interface ContextInfo {
  context: string
  /** The file that contains the context. */
  file: string
  /** Name of the kubeconfig's cluster entry. */
  cluster: string
  /** URL of the API server, exactly as in the kubeconfig. */
  server: string
  /** Namespace of the context, `default` if it sets none. */
  namespace: string
  /** Name of the kubeconfig's user entry; '' if the context has none. */
  user: string
}

/**
 * Reads and merges kubeconfig files as kubectl does (client-go, clientcmd/loader.go).
 *
 * The file of `--kubeconfig` must exist. Without the flag, the files of `KUBECONFIG` are read, otherwise
 * `~/.kube/config`; missing files are skipped. The first entry of each name wins as a whole, and so does the first
 * current-context that is not empty.
 *
 * @param from the flag `--kubeconfig`, and the environment (`KUBECONFIG`, `HOME`)
 * @throws MeshError (exit 2) that names a file which cannot be read, is not YAML or has the wrong structure
 */
export function loadKubeconfig(from: {kubeconfig?: string; env: NodeJS.ProcessEnv}): Kubeconfig {
  const files = from.kubeconfig ? [from.kubeconfig] : filesOf(from.env)
  const merged: Kubeconfig = {
    files,
    currentContext: '',
    clusters: new Map(),
    users: new Map(),
    contexts: new Map(),
  }
  for (const file of files) {
    const content = readFile(file, Boolean(from.kubeconfig))
    if (content !== undefined) merge(merged, file, readKubeconfigFile(parseKubeconfigYaml(content, file), file))
  }
  return merged
}

/** Returns the names of all contexts, sorted as kubectl prints them. */
export function contextNames(kubeconfig: Kubeconfig): string[] {
  return [...kubeconfig.contexts.keys()].sort()
}

/** Returns all valid contexts, sorted by name: those for which `contextInfo` does not throw. */
export function contextsOf(kubeconfig: Kubeconfig): ContextInfo[] {
  return contextNames(kubeconfig)
    .map(name => lookUp(kubeconfig, name))
    .filter((found): found is ContextInfo => !(found instanceof MeshError))
}

/**
 * Returns a context with the values of its cluster and user.
 *
 * @param name '' for the current context
 * @throws MeshError (exit 2) if the context does not exist, or refers to a missing cluster, server or user
 */
export function contextInfo(kubeconfig: Kubeconfig, name: string): ContextInfo {
  const found = lookUp(kubeconfig, name || kubeconfig.currentContext)
  if (found instanceof MeshError) throw found
  return found
}

function lookUp(kubeconfig: Kubeconfig, context: string): ContextInfo | MeshError {
  if (!context) return usageError('no current context is set', hintOf(kubeconfig))
  const found = kubeconfig.contexts.get(context)
  if (!found) {
    return usageError(`context "${context}" does not exist in ${kubeconfig.files.join(', ')}`, hintOf(kubeconfig))
  }
  const {file, value} = found
  const {cluster, user, namespace} = value
  if (!cluster) return usageError(`${file}: context "${context}" sets no cluster`)
  const entry = kubeconfig.clusters.get(cluster)
  if (!entry) return usageError(`${file}: context "${context}" refers to cluster "${cluster}", which does not exist`)
  if (!entry.value.server) return usageError(`${entry.file}: cluster "${cluster}" sets no server`)
  if (hasUserInfo(entry.value.server)) {
    return usageError(
      `${entry.file}: the server of cluster "${cluster}" contains a user name or password`,
      'set username and password of the user entry, because a server URL appears in messages and remote Secrets',
    )
  }
  if (user && !kubeconfig.users.has(user)) {
    return usageError(`${file}: context "${context}" refers to user "${user}", which does not exist`)
  }
  return {context, file, cluster, server: entry.value.server, namespace: namespace || 'default', user}
}

/** Returns whether a URL with or without a scheme contains a user name or password. */
function hasUserInfo(server: string): boolean {
  return /^(?:[^/?#]*:\/\/)?[^/?#]*@/.test(server)
}

function filesOf(env: NodeJS.ProcessEnv): string[] {
  if (env.KUBECONFIG) return [...new Set(env.KUBECONFIG.split(delimiter).filter(file => file !== ''))]
  return [join(env.HOME || homedir(), '.kube', 'config')]
}

function readFile(file: string, required: boolean): string | undefined {
  try {
    return readBytesSync(file, maxFileBytes).toString('utf8')
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw usageError(`${file}: cannot read the kubeconfig: ${messageOf(error)}`)
  }
}

function merge(into: Kubeconfig, file: string, from: KubeconfigFile): void {
  into.currentContext ||= from.currentContext
  addMissing(into.clusters, file, from.clusters)
  addMissing(into.users, file, from.users)
  addMissing(into.contexts, file, from.contexts)
}

function addMissing<T>(into: Map<string, Found<T>>, file: string, from: Map<string, T>): void {
  for (const [name, value] of from) if (!into.has(name)) into.set(name, {file, value})
}

function hintOf(kubeconfig: Kubeconfig): string {
  const names = contextNames(kubeconfig)
  return names.length > 0
    ? `available contexts: ${names.join(', ')}`
    : 'no contexts found: set --kubeconfig or the environment variable KUBECONFIG'
}
