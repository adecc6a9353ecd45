import type {Cluster} from '../cluster/cluster.ts'
import {type KubernetesObject, type ObjectRef, refKey, refOf} from '../kubernetes/object.ts'

/** From this number of objects of one kind and namespace, a LIST costs less than one GET each. */
const listFrom = 3

/**
 * Returns the live objects of some references by `refKey`. Objects that do not exist are absent from the map.
 *
 * @throws ApiError, UnreachableError
 */
export async function readLive(
  cluster: Pick<Cluster, 'get' | 'list'>,
  refs: readonly ObjectRef[],
): Promise<Map<string, KubernetesObject>> {
  const groups = Map.groupBy(refs, ref => `${ref.apiVersion} ${ref.kind} ${ref.namespace ?? ''}`)
  const found = await Promise.all([...groups.values()].map(group => readGroup(cluster, group)))
  const requested = new Set(refs.map(refKey))
  const live = new Map<string, KubernetesObject>()
  for (const object of found.flat()) {
    const key = object && refKey(refOf(object))
    if (key !== undefined && requested.has(key)) live.set(key, object!)
  }
  return live
}

/** Reads objects of one kind and namespace. A LIST also returns objects that were not requested. */
async function readGroup(
  cluster: Pick<Cluster, 'get' | 'list'>,
  group: readonly ObjectRef[],
): Promise<readonly (KubernetesObject | undefined)[]> {
  const {apiVersion, kind, namespace} = group[0]!
  if (group.length >= listFrom) return cluster.list({apiVersion, kind}, namespace ? {namespace} : {})
  return Promise.all(group.map(ref => cluster.get(ref)))
}
