import type {AnyObject} from '../support/servers/api.ts'
import type {Objects} from './state.ts'

const idLabel = 'applyset.kubernetes.io/id'
/** Label of the members of an ApplySet (Kubernetes KEP-3659). */
export const partOfLabel = 'applyset.kubernetes.io/part-of'

/** The ids of the ApplySets of a ground in a cluster, by its namespace. */
export function setIds(objects: Objects, ground: string): string[] {
  return parentsIn(objects, ground).map(({id}) => id)
}

/** Parents in the namespaces of a ground: `ground-1`, `ground-1-a`. Other grounds have used the same servers before. */
function parentsIn(objects: Objects, ground: string): {id: string; parent: AnyObject}[] {
  return Object.entries(objects).flatMap(([key, parent]) => {
    const id = labelOf(parent, idLabel)
    const {namespace = ''} = parent.metadata
    const belongs = namespace === ground || namespace.startsWith(`${ground}-`)
    return key.startsWith('/api/v1/configmaps ') && belongs && id !== undefined ? [{id, parent}] : []
  })
}

/**
 * Compares the lists of members of the ApplySets of a ground with the live objects of one cluster.
 *
 * @param ground namespace of the ground
 * @param skip keys of objects of others, which may carry the label of a set
 * @returns one line per problem
 */
export function memberProblems(objects: Objects, ground: string, skip: ReadonlySet<string>): string[] {
  const byUid = new Map(Object.entries(objects).map(([key, object]) => [object.metadata.uid as string, {key, object}]))
  return parentsIn(objects, ground).flatMap(({id, parent}) => {
    const lines = ((parent.data as Record<string, string> | undefined)?.members ?? '').split('\n').filter(Boolean)
    const listed = new Set(lines.map(line => line.split(' ')[4]!))
    const name = `ConfigMap ${parent.metadata.namespace}/${parent.metadata.name}`
    const wrong = lines.flatMap(line => {
      const [, , namespace, object, uid = '-'] = line.split(' ')
      const live = byUid.get(uid)
      if (uid === '-') return [`${name}: pending entry "${line}"`]
      if (!live) return [`${name}: no object for "${line}"`]
      if (skip.has(live.key)) return [`${name}: lists an object of another owner: "${line}"`]
      const expected = `${live.object.metadata.namespace ?? '-'} ${live.object.metadata.name}`
      return expected === `${namespace} ${object}` ? [] : [`${name}: "${line}" has the UID of ${live.key}`]
    })
    const unlisted = [...byUid].filter(
      ([uid, {key, object}]) => labelOf(object, partOfLabel) === id && !listed.has(uid) && !skip.has(key),
    )
    const twice = lines.length === listed.size ? [] : [`${name}: lists an object twice`]
    return [...wrong, ...twice, ...unlisted.map(([, {key}]) => `${name}: does not list ${key}`)]
  })
}

function labelOf({metadata}: AnyObject, label: string): string | undefined {
  return (metadata.labels as Record<string, string> | undefined)?.[label]
}
