import {existsSync} from 'node:fs'
import {homedir} from 'node:os'
import {basename, delimiter, join} from 'node:path'
import {MeshError, usageError} from '../../errors.ts'
import {clusterNameFrom, parseContextReference} from '../../spec/context-ref.ts'
import {fileReason} from '../../text/file-errors.ts'
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
  /** Contexts with the name of one in an earlier file. They are reachable by references only. */
  hidden: {file: string; context: string}[]
  /** Contexts that come from a source of clusters (`--clusters-from`), each with its own entries, which no file refers to. */
  sourced?: Map<string, SourcedContext>
}

/** A context that does not come from a file. */
export interface SourcedContext {
  entries: Kubeconfig
  /** The object that describes the cluster, for messages. */
  origin: string
}

/** A context with the values of its cluster and user. */
export interface ContextInfo {
  /** As the user typed it: the name of a context, or a reference to a context in a file. */
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
    hidden: [],
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

/**
 * Returns all valid contexts, sorted by name: those for which `contextInfo` does not throw. Contexts that another file hides
 * follow, as references: `k3s-west=/home/me/k3s-west.yaml#default`.
 */
export function contextsOf(kubeconfig: Kubeconfig): ContextInfo[] {
  return [...contextNames(kubeconfig), ...kubeconfig.hidden.map(referenceTo)]
    .map(name => find(kubeconfig, name).found)
    .filter((found): found is ContextInfo => !(found instanceof MeshError))
}

/**
 * Returns whether a context exists, whatever the state of its entries.
 *
 * @param name as for `contextInfo`
 */
export function hasContext(kubeconfig: Kubeconfig, name: string): boolean {
  if (kubeconfig.contexts.has(name || kubeconfig.currentContext)) return true
  const reference = parseContextReference(name)
  return reference !== undefined && existsSync(reference.file)
}

/**
 * Returns a context with the values of its cluster and user.
 *
 * @param name name of a context, or a reference to a context in a file; '' for the current context
 * @throws MeshError (exit 2) if the context does not exist, or refers to a missing cluster, server or user
 */
export function contextInfo(kubeconfig: Kubeconfig, name: string): ContextInfo {
  return contextEntries(kubeconfig, name).info
}

/**
 * Returns a context, and the kubeconfig that contains its entries: another one for a reference to a context in a file.
 *
 * @throws MeshError as `contextInfo`
 */
export function contextEntries(kubeconfig: Kubeconfig, name: string): {info: ContextInfo; entries: Kubeconfig} {
  const {found, entries} = find(kubeconfig, name)
  if (found instanceof MeshError) throw found
  return {info: found, entries}
}

function find(kubeconfig: Kubeconfig, name: string): {found: ContextInfo | MeshError; entries: Kubeconfig} {
  const sourced = kubeconfig.sourced?.get(name)
  if (sourced) return {found: lookUp(sourced.entries, name), entries: sourced.entries}
  const reference = kubeconfig.contexts.has(name) ? undefined : parseContextReference(name)
  if (!reference) return {found: lookUp(kubeconfig, name || kubeconfig.currentContext), entries: kubeconfig}
  const entries = loadKubeconfig({kubeconfig: reference.file, env: {}})
  const found = lookUp(entries, reference.context || entries.currentContext)
  return {found: found instanceof MeshError ? found : {...found, context: name}, entries}
}

/** The chosen name is that of the file, because the names of the contexts are equal. */
function referenceTo({file, context}: Kubeconfig['hidden'][number]): string {
  const path = /[./]/.test(file) ? file : `./${file}`
  return `${clusterNameFrom(basename(file).replace(/\.[^.]*$/, ''))}=${path}#${context}`
}

function lookUp(kubeconfig: Kubeconfig, context: string): ContextInfo | MeshError {
  if (!context) return usageError(`no current context is set${inFiles(kubeconfig)}`, hintOf(kubeconfig))
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
  const home = env.HOME || userHome()
  return home === undefined ? [] : [join(home, '.kube', 'config')]
}

/** Undefined for a user ID without an entry in passwd, such as those of OpenShift. */
function userHome(): string | undefined {
  try {
    return homedir()
  } catch {
    return undefined
  }
}

function readFile(file: string, required: boolean): string | undefined {
  try {
    return readBytesSync(file, maxFileBytes).toString('utf8')
  } catch (error) {
    if (!required && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw usageError(`${file}: cannot read the kubeconfig: ${fileReason(error)}`)
  }
}

function merge(into: Kubeconfig, file: string, from: KubeconfigFile): void {
  into.currentContext ||= from.currentContext
  for (const context of from.contexts.keys()) if (into.contexts.has(context)) into.hidden.push({file, context})
  addMissing(into.clusters, file, from.clusters)
  addMissing(into.users, file, from.users)
  addMissing(into.contexts, file, from.contexts)
}

function addMissing<T>(into: Map<string, Found<T>>, file: string, from: Map<string, T>): void {
  for (const [name, value] of from) if (!into.has(name)) into.set(name, {file, value})
}

/** With several kubeconfigs in one run, the message names the file. */
function inFiles({files, contexts}: Kubeconfig): string {
  return contexts.size > 0 ? ` in ${files.join(', ')}` : ''
}

function hintOf(kubeconfig: Kubeconfig): string {
  const names = contextNames(kubeconfig)
  return names.length > 0
    ? `available contexts: ${names.join(', ')}`
    : 'no contexts found: set --kubeconfig or the environment variable KUBECONFIG'
}
