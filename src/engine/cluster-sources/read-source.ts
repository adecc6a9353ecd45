import {exitCodes, MeshError, type Problem, problemsIn, refusedError} from '../../errors.ts'
import {contextFlags} from '../../spec/context-ref.ts'
import {shellWord} from '../../text/shell-word.ts'
import type {Cluster} from '../cluster/cluster.ts'
import {ApiError, UnreachableError} from '../cluster/errors.ts'
import type {KubernetesObject, ObjectKind} from '../kubernetes/object.ts'
import type {AccessProvider} from './access-providers.ts'
import {argocdCluster, argocdSelector} from './argocd.ts'
import {capiCluster, capiSelector, isCapiKubeconfig} from './capi.ts'
import {profileCluster, profileVersion} from './cluster-profile.ts'
import type {ClusterSource, SourceKind} from './source.ts'
import type {SourcedCluster} from './sourced-cluster.ts'

/** A cluster of a source, with the object that describes it. */
export interface FoundCluster extends SourcedCluster {
  /** `Secret west-kubeconfig of capi://mgmt/fleet`. */
  origin: string
  source: ClusterSource
}

/** What a source contains. */
export interface ReadSource {
  source: ClusterSource
  clusters: FoundCluster[]
  /** Names of clusters that are being created: they have no access provider yet. */
  pending: string[]
}

/** How the objects of a kind of source are found and read. */
interface Format {
  objects: ObjectKind
  /** What the objects must have beside the selector of the user. */
  selector: string
  isWanted(object: KubernetesObject): boolean
  read(object: KubernetesObject, providers: readonly AccessProvider[], at: string): SourcedCluster | undefined
}

const secrets: ObjectKind = {apiVersion: 'v1', kind: 'Secret'}

const formats: Readonly<Record<SourceKind, Format>> = {
  clusterprofile: {
    objects: {apiVersion: profileVersion, kind: 'ClusterProfile'},
    selector: '',
    isWanted: () => true,
    read: profileCluster,
  },
  capi: {
    objects: secrets,
    selector: capiSelector,
    isWanted: isCapiKubeconfig,
    read: (object, _providers, at) => capiCluster(object, at),
  },
  argocd: {
    objects: secrets,
    selector: argocdSelector,
    isWanted: () => true,
    read: (object, _providers, at) => argocdCluster(object, at),
  },
}

/**
 * Reads the clusters that a source describes.
 *
 * @param cluster the cluster of the source
 * @param providers of the access-provider file; they matter for ClusterProfiles only
 * @throws MeshError (exit 3) that lists all problems, each with the source and the object: an object that cannot be used, no
 *   cluster at all, a cluster that does not answer or denies the read
 */
export async function readSource(
  source: ClusterSource,
  cluster: Cluster,
  providers: readonly AccessProvider[],
): Promise<ReadSource> {
  const format = formats[source.kind]
  const found = (await inSource(source, () => listObjects(source, format, cluster))).filter(format.isWanted)
  if (found.length === 0) throw await inSource(source, () => nothingFound(source, format, cluster))
  const problems: Problem[] = []
  const clusters: FoundCluster[] = []
  const pending: string[] = []
  for (const object of found) {
    const what = `${format.objects.kind} ${object.metadata.name}`
    try {
      const one = format.read(object, providers, `${source.text}: ${what}`)
      if (one) clusters.push({...one, source, origin: originOf(what, source)})
      else pending.push(object.metadata.name)
    } catch (error) {
      if (!(error instanceof MeshError)) throw error
      problems.push(...error.problems)
    }
  }
  if (problems.length > 0) throw new MeshError(problems, exitCodes.refused)
  return {source, clusters, pending}
}

/** Two selectors may choose the same object, so the selector is left out. */
function originOf(what: string, {kind, context, namespace}: ClusterSource): string {
  return `${what} of ${kind}://${context}/${namespace}`
}

function listObjects({namespace, selector}: ClusterSource, format: Format, cluster: Cluster) {
  const labelSelector = [format.selector, selector].filter(part => part !== '').join(',')
  return cluster.list(format.objects, {namespace, ...(labelSelector === '' ? {} : {labelSelector})})
}

/** A list does not show why it is empty. */
async function nothingFound(source: ClusterSource, {objects}: Format, cluster: Cluster): Promise<MeshError> {
  const {namespace, selector, context, text} = source
  const kubectl = `kubectl ${contextFlags(context)}`
  const isDefined = objects.kind !== 'ClusterProfile' || (await hasProfiles(cluster))
  if (!isDefined)
    return refusedError(
      `${text}: the cluster has no ClusterProfile API (${profileVersion})`,
      `${kubectl} api-resources --api-group multicluster.x-k8s.io`,
    )
  if (!(await hasNamespace(cluster, namespace)))
    return refusedError(`${text}: namespace ${namespace} does not exist`, `${kubectl} get namespaces`)
  const which = selector === '' ? '' : ` with ${selector}`
  return refusedError(
    `${text}: namespace ${namespace} has no ${whatOf(source)}${which}`,
    `${kubectl} -n ${namespace} get ${objects.kind.toLowerCase()}s --show-labels`,
  )
}

function whatOf({kind}: ClusterSource): string {
  if (kind === 'clusterprofile') return 'ClusterProfile'
  return kind === 'capi' ? 'kubeconfig Secret of Cluster API' : 'cluster Secret of Argo CD'
}

async function hasProfiles(cluster: Cluster): Promise<boolean> {
  try {
    await cluster.read(`/apis/${profileVersion}`)
    return true
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return false
    throw error
  }
}

/** A user who may not read namespaces gets the other message. */
async function hasNamespace(cluster: Cluster, name: string): Promise<boolean> {
  try {
    return (await cluster.get({apiVersion: 'v1', kind: 'Namespace', name})) !== undefined
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return true
    throw error
  }
}

/** Names the source in the errors of its cluster. */
async function inSource<T>(source: ClusterSource, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof ApiError || error instanceof UnreachableError || error instanceof MeshError)) throw error
    const hint = `kubectl ${contextFlags(source.context)} -n ${shellWord(source.namespace)} auth can-i list ${formats[source.kind].objects.kind.toLowerCase()}s`
    const problems = problemsIn(error).map(({message, hints = [hint]}) => ({
      message: `${source.text}: ${message}`,
      hints,
    }))
    throw new MeshError(problems, exitCodes.refused)
  }
}
