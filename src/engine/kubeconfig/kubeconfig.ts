import {readFileSync} from 'node:fs'
import {homedir} from 'node:os'
import {delimiter, join} from 'node:path'
import {MeshError, messageOf, usageError} from '../../errors.ts'
import {
  type ClusterEntry,
  type ContextEntry,
  type KubeconfigFile,
  readKubeconfigFile,
  type UserEntry,
} from './entries.ts'
import {parseKubeconfigYaml} from './yaml.ts'

/** An entry and the file that it stands in. */
interface Found<T> {
  file: string
  value: T
}

/** One or several kubeconfig files, merged. */
export interface Kubeconfig {
  /** The files that were looked for, in order; some may not be there. */
  files: string[]
  /** '' when no file sets one. */
  currentContext: string
  clusters: Map<string, Found<ClusterEntry>>
  users: Map<string, Found<UserEntry>>
  contexts: Map<string, Found<ContextEntry>>
}

/** What a context leads to. */
export interface ContextInfo {
  context: string
  /** The file in which the context stands. */
  file: string
  /** Name of the kubeconfig's cluster entry. */
  cluster: string
  /** URL of the API server, as it is written there. */
  server: string
  /** Namespace of the context, else `default`. */
  namespace: string
  /** Name of the kubeconfig's user entry, '' when the context has none. */
  user: string
}

/**
 * Reads and merges kubeconfig files as kubectl does (client-go, clientcmd/loader.go): `--kubeconfig` names one file that
 * must be there; else the `KUBECONFIG` list, of which missing files are left out; else `~/.kube/config`, which may be
 * missing too. Of entries with one name, and of current-contexts that are not empty, the first counts, whole.
 *
 * @param from the flag `--kubeconfig`, and the environment (`KUBECONFIG`, `HOME`)
 * @throws MeshError (exit 2), naming the file, on one that can't be read, is not YAML or has a wrong shape
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

/** Names of all contexts, sorted as kubectl lists them. */
export function contextNames(kubeconfig: Kubeconfig): string[] {
  return [...kubeconfig.contexts.keys()].sort()
}

/** All contexts that lead to a server, sorted by name: those that `contextInfo` takes. */
export function contextsOf(kubeconfig: Kubeconfig): ContextInfo[] {
  return contextNames(kubeconfig)
    .map(name => lookUp(kubeconfig, name))
    .filter((found): found is ContextInfo => !(found instanceof MeshError))
}

/**
 * What a context leads to.
 *
 * @param name '' stands for the current context
 * @throws MeshError (exit 2) when there is no such context, or it leads to no cluster, server or user
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
    return usageError(`there is no context "${context}" in ${kubeconfig.files.join(', ')}`, hintOf(kubeconfig))
  }
  const {file, value} = found
  const {cluster, user, namespace} = value
  if (!cluster) return usageError(`${file}: context "${context}" names no cluster`)
  const entry = kubeconfig.clusters.get(cluster)
  if (!entry) return usageError(`${file}: context "${context}" names the cluster "${cluster}", which is not there`)
  if (!entry.value.server) return usageError(`${entry.file}: cluster "${cluster}" has no server`)
  if (user && !kubeconfig.users.has(user)) {
    return usageError(`${file}: context "${context}" names the user "${user}", which is not there`)
  }
  return {context, file, cluster, server: entry.value.server, namespace: namespace || 'default', user}
}

function filesOf(env: NodeJS.ProcessEnv): string[] {
  if (env.KUBECONFIG) return [...new Set(env.KUBECONFIG.split(delimiter).filter(file => file !== ''))]
  return [join(env.HOME || homedir(), '.kube', 'config')]
}

function readFile(file: string, required: boolean): string | undefined {
  try {
    return readFileSync(file, 'utf8')
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
    ? `the contexts there: ${names.join(', ')}`
    : 'no contexts were found: name a file with --kubeconfig or the variable KUBECONFIG'
}
