import {contextsOf, type Kubeconfig} from '../../engine/kubeconfig/kubeconfig.ts'
import {peerAnnotation} from '../../engine/kubernetes/labels.ts'
import {clusterNameFrom} from '../../spec/context-ref.ts'
import type {FederationFacts} from '../facts.ts'
import {readRemoteRecord} from '../record.ts'
import {accessIn} from '../remote-kubeconfig.ts'
import {credentialsIn} from '../remote-secrets.ts'
import {parseImports} from '../services/parse-import.ts'

/** The clusters for which a cluster has a credential, or to which it issued a token. */
export function linksOf(facts: FederationFacts): Set<string> {
  const held = credentialsIn(facts).filter(({kubeconfig}) => accessIn(kubeconfig)?.server !== undefined)
  const issued = facts.created.flatMap(({metadata}) => metadata.annotations?.[peerAnnotation] ?? [])
  return new Set([...held.map(({target}) => target), ...issued])
}

/** The clusters that a cluster is joined with, in any mode, with the API server if its credentials contain one. */
export function joinedServers(facts: FederationFacts | undefined): Map<string, string | undefined> {
  if (!facts) return new Map()
  const servers = credentialsIn(facts).map(({target, kubeconfig}) => [target, accessIn(kubeconfig)?.server] as const)
  const exporters = parseImports(facts.imports).imports.flatMap(({imported}) => Object.keys(imported.exporters))
  const primary = readRemoteRecord(facts.record)?.primary
  const names = [...linksOf(facts), ...exporters, ...(primary === undefined ? [] : [primary])]
  return new Map([...names.map(name => [name, undefined] as const), ...servers])
}

/** The other clusters of a mesh, as far as one of its clusters knows them. */
export interface JoinedContexts {
  /** Contexts that lead to them. */
  contexts: string[]
  /** Names of clusters for which the kubeconfig has no context. */
  missing: string[]
}

/**
 * Returns the contexts of the clusters that a cluster is joined with: the one with the API server of its credential, else the one
 * whose name contains the name of the cluster.
 *
 * @param own name of the cluster
 */
export function joinedContexts(
  facts: FederationFacts | undefined,
  own: string | undefined,
  kubeconfig: Kubeconfig,
): JoinedContexts {
  const others = [...joinedServers(facts)].filter(([name]) => name !== own)
  const found = others.map(([name, server]) => ({name, context: contextFor(name, server, kubeconfig)}))
  return {
    contexts: [...new Set(found.flatMap(({context}) => (context === undefined ? [] : [context])))],
    missing: found.flatMap(({name, context}) => (context === undefined ? [name] : [])),
  }
}

function contextFor(name: string, server: string | undefined, kubeconfig: Kubeconfig): string | undefined {
  const all = contextsOf(kubeconfig)
  const found = all.find(one => one.server === server) ?? all.find(({context}) => clusterNameFrom(context) === name)
  return found?.context
}

/** The part of a cluster on which its membership depends. */
interface LinkedCluster {
  /** Name in the mesh. */
  name: string
  /** Names of the clusters that it is joined with. */
  links: readonly string[]
}

/**
 * Returns the clusters of the mesh to which one of some clusters belongs: those that are joined with it, also over others.
 *
 * @returns empty if the cluster is joined with no other
 */
export function meshOf<T extends LinkedCluster>(start: T | undefined, all: readonly T[]): T[] {
  if (!start) return []
  const isLinked = (one: T, other: T) => one.links.includes(other.name) || other.links.includes(one.name)
  const found = new Set([start])
  // A set also iterates over what is added meanwhile.
  for (const one of found) for (const other of all) if (isLinked(one, other)) found.add(other)
  return found.size > 1 ? all.filter(one => found.has(one)) : []
}
