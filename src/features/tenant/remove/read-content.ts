import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import {groupOf, type KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {coreVersions, groupVersions, type ListedKind, listableKinds} from './istio-kinds.ts'

/** All kinds that a namespace can contain. */
export interface NamespacedKinds {
  kinds: ListedKind[]
  /** Versions whose kinds the API server does not list, as text with the reason. */
  unknown: string[]
}

/** All objects of a namespace. */
export interface NamespaceContent {
  objects: KubernetesObject[]
  /** Kinds that cannot be listed, as text with the reason. */
  unknown: string[]
}

/**
 * Reads all kinds that a namespace can contain, from the discovery of the API server.
 *
 * @throws ApiError, UnreachableError
 */
export async function readNamespacedKinds(cluster: Cluster): Promise<NamespacedKinds> {
  const [core, groups] = await Promise.all([cluster.read('/api'), cluster.read('/apis')])
  const versions = [...coreVersions(core), ...groupVersions(groups)]
  const answers = await Promise.all(versions.map(version => readOrReason(() => cluster.read(pathOf(version)), version)))
  const kinds = answers.flatMap(({value}, at) => listableKinds(versions[at]!, value))
  // A kind in several versions has the same objects in each. The preferred version comes first.
  const distinct = new Map(kinds.toReversed().map(kind => [`${groupOf(kind.apiVersion)}/${kind.resource}`, kind]))
  return {kinds: [...distinct.values()], unknown: answers.flatMap(({reason}) => reason ?? [])}
}

/**
 * Reads all objects of a namespace. Sends one LIST per kind.
 *
 * @throws UnreachableError; ApiError is reported as `unknown`
 */
export async function readContent(
  cluster: Cluster,
  namespace: string,
  {kinds, unknown}: NamespacedKinds,
): Promise<NamespaceContent> {
  const lists = await Promise.all(
    kinds.map(kind => readOrReason(() => cluster.list(kind, {namespace, mayBeDenied: true}), nameOfKind(kind))),
  )
  return {
    objects: lists.flatMap(({value}) => value ?? []),
    unknown: [...unknown, ...lists.flatMap(({reason}) => reason ?? [])],
  }
}

function pathOf(version: string): string {
  const path = version.split('/').map(encodeURIComponent).join('/')
  return version.includes('/') ? `/apis/${path}` : `/api/${path}`
}

function nameOfKind({apiVersion, resource}: ListedKind): string {
  const group = groupOf(apiVersion)
  return group === '' ? resource : `${resource}.${group}`
}

/** The answer, or why the API server refuses it: without permission, or while an aggregated API is not available. */
async function readOrReason<T>(read: () => Promise<T>, what: string): Promise<{value?: T; reason?: string}> {
  try {
    return {value: await read()}
  } catch (error) {
    if (error instanceof ApiError) return {reason: `${what} (cannot be listed: status ${error.status})`}
    throw error
  }
}
