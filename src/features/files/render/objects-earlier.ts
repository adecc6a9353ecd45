import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {isMap, parseJson} from '../../../text/json.ts'
import type {PlannedDocument} from '../planned.ts'
import {clustersOfPlanned} from '../report-plans.ts'
import {documentKey, type RenderedCluster, type RenderedObject} from './objects.ts'

/** An object of an earlier render. */
export interface EarlierObject extends RenderedObject {
  cluster: string
}

const prefix = 'kubectl mesh render: '

/** Returns the comment line from which a later render knows where an object comes from. All characters are ASCII. */
export function originComment(cluster: string, {wave, isShared, documents}: RenderedObject): string {
  const text = JSON.stringify({cluster, wave, ...(isShared ? {isShared} : {}), documents})
  // YAML has line breaks beyond ASCII.
  return prefix + text.replace(/[^\x20-\x7e]/g, one => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/**
 * Returns the object of a file of an earlier render.
 *
 * @returns undefined if the comment or the object is not what a render writes
 */
export function earlierObject(comment: string | undefined, object: unknown): EarlierObject | undefined {
  const origin = comment?.startsWith(prefix) ? parseJson(comment.slice(prefix.length)) : undefined
  if (!isMap(origin) || !isMap(object) || !isMap(object.metadata)) return undefined
  const {cluster, wave, isShared, documents} = origin
  const isOrigin = typeof cluster === 'string' && typeof wave === 'number' && areTexts(documents)
  if (!isOrigin || !areTexts([object.apiVersion, object.kind, object.metadata.name])) return undefined
  return {cluster, wave, documents, object: object as KubernetesObject, ...(isShared === true ? {isShared} : {})}
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}

/**
 * Returns the objects of an earlier render that must stay: one of their documents is still in the files for the cluster, and its plan
 * does not remove them.
 *
 * A plan does not contain them if the document is planned later, or if its command creates only what a cluster lacks. Without them, an
 * engine would delete what it has applied.
 */
export function keptObjects(
  earlier: readonly EarlierObject[],
  rendered: readonly RenderedCluster[],
  planned: readonly PlannedDocument[],
): EarlierObject[] {
  const concerned = planned.map(one => {
    const keys = [documentKey(one.document), one.document.kind.kind]
    return {keys, clusters: clustersOfPlanned(one, planned)}
  })
  const concerns = (document: string, cluster: string) =>
    concerned.some(({keys, clusters}) => keys.includes(document) && (clusters?.includes(cluster) ?? true))
  const known = new Map(
    rendered.map(({cluster, objects, leftOut}) => [
      cluster,
      new Set([...objects.map(({object}) => refOf(object)), ...leftOut.map(({ref}) => ref)].map(refKey)),
    ]),
  )
  return earlier.filter(
    ({cluster, object, documents}) =>
      !known.get(cluster)?.has(refKey(refOf(object))) && documents.some(document => concerns(document, cluster)),
  )
}

/** Returns clusters with further objects. */
export function withObjects(rendered: readonly RenderedCluster[], more: readonly EarlierObject[]): RenderedCluster[] {
  const names = [...new Set([...rendered, ...more].map(({cluster}) => cluster))]
  return names.map(cluster => {
    const {objects = [], leftOut = []} = rendered.find(one => one.cluster === cluster) ?? {}
    const own = more.filter(one => one.cluster === cluster).map(({cluster: _, ...object}) => object)
    return {cluster, objects: [...objects, ...own], leftOut}
  })
}
