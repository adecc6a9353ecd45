import {type KubernetesObject, refKey, refOf} from '../../../engine/kubernetes/object.ts'
import {refusedError} from '../../../errors.ts'
import {count, someOf} from '../../../text/count.ts'
import {isMap, parseJson} from '../../../text/json.ts'
import {titleOf} from '../kind.ts'
import type {PlannedDocument} from '../planned.ts'
import {clustersOfPlanned} from '../report-plans.ts'
import {documentKey, type RenderedCluster, type RenderedObject} from './objects.ts'
import {readCredentialOrigin, registeredBy, secretRefOf} from './objects-secrets.ts'
import type {SecretChoice} from './spec-secrets.ts'

/** An object of an earlier render. */
export interface EarlierObject extends RenderedObject {
  cluster: string
  /** For messages. */
  path?: string
}

const prefix = 'kubectl mesh render: '

/** Returns the comment line from which a later render knows where an object comes from. All characters are ASCII. */
export function originComment(cluster: string, {wave, isShared, documents, credential}: RenderedObject): string {
  const more = {...(isShared ? {isShared} : {}), documents, ...(credential ? {credential} : {})}
  const text = JSON.stringify({cluster, wave, ...more})
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
  const credential = readCredentialOrigin(origin.credential)
  return {
    ...{cluster, wave, documents, object: object as KubernetesObject},
    ...(isShared === true ? {isShared} : {}),
    ...(credential ? {credential} : {}),
  }
}

function areTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every(one => typeof one === 'string')
}

/** Objects of an earlier render that no plan contains or removes. */
export interface Unplanned {
  /**
   * One of their documents is still in the files for the cluster: it is planned later, or its command creates only what a cluster lacks.
   * Without them, an engine would delete what it has applied.
   */
  kept: EarlierObject[]
  /** No document is known to need them. */
  unneeded: EarlierObject[]
}

/** Returns what a new render does not contain. Of several copies, which a killed run may leave, it has one. */
export function unplannedObjects(
  earlier: readonly EarlierObject[],
  rendered: readonly RenderedCluster[],
  planned: readonly PlannedDocument[],
): Unplanned {
  const concerned = planned.map(one => {
    const keys = [documentKey(one.document), one.document.kind.kind]
    return {keys, clusters: clustersOfPlanned(one, planned)}
  })
  const concerns = (document: string, cluster: string) =>
    concerned.some(({keys, clusters}) => keys.includes(document) && (clusters?.includes(cluster) ?? true))
  const known = new Map(rendered.map(one => [one.cluster, knownIn(one)]))
  const isComplete = planned.every(({later}) => !later)
  // A plan contains neither a remote Secret that another owner has created again, nor one that was removed with its cluster.
  const hasLeft = (object: KubernetesObject) => {
    const targets = isComplete ? registeredBy(object) : []
    return targets.length > 0 && targets.every(target => !known.has(target))
  }
  const rest = withoutCopies(earlier).filter(({cluster, object, credential}) => {
    const ref = credential ? secretRefOf(object) : refOf(object)
    const {credentials, others} = known.get(cluster) ?? {}
    return !(credential ? credentials : others)?.has(refKey(ref))
  })
  const isNeeded = ({cluster, object, documents, credential}: EarlierObject) =>
    !(credential && hasLeft(object)) && documents.some(one => concerns(one, cluster))
  const {kept = [], unneeded = []} = Object.groupBy(rest, one => (isNeeded(one) ? 'kept' : 'unneeded'))
  return {kept, unneeded}
}

function withoutCopies(earlier: readonly EarlierObject[]): EarlierObject[] {
  const keyOf = ({cluster, object}: EarlierObject) => JSON.stringify([cluster, refKey(refOf(object))])
  return [...new Map(earlier.map(one => [keyOf(one), one])).values()]
}

/**
 * Refuses to remove files while a document is planned later: it may need them, and clusters may have other names until then.
 *
 * @throws MeshError (exit 3)
 */
export function requireComplete(unneeded: readonly EarlierObject[], planned: readonly PlannedDocument[]): void {
  const later = planned.filter(one => one.later).map(({document}) => titleOf(document))
  if (later.length === 0 || unneeded.length === 0) return
  throw refusedError(
    `--prune would remove ${count(unneeded.length, 'object')} of an earlier render, which documents that are planned later may need: ${someOf(later)}`,
    'render without --prune until all documents are planned',
  )
}

/** What a plan decides about. A Secret that the cluster lacks for a moment stays in Git. */
function knownIn({objects, leftOut}: RenderedCluster): {credentials: Set<string>; others: Set<string>} {
  const credentials = objects.filter(({credential}) => credential).map(({object}) => secretRefOf(object))
  const removed = leftOut.filter(({reason}) => reason === 'removal').map(({ref}) => ref)
  const others = [...objects.map(({object}) => refOf(object)), ...leftOut.map(({ref}) => ref)]
  return {credentials: new Set([...credentials, ...removed].map(refKey)), others: new Set(others.map(refKey))}
}

/**
 * Refuses to replace Secrets that are in Git in another way: the engine would delete them with their files.
 *
 * @throws MeshError (exit 3)
 */
export function requireSameMode(earlier: readonly EarlierObject[], {mode}: SecretChoice): void {
  const others = earlier.filter(({credential}) => credential !== undefined && credential.mode !== mode)
  if (others.length === 0) return
  throw refusedError(
    `an earlier render has written ${count(others.length, 'Secret')} with --secrets ${others[0]!.credential!.mode}, which --secrets ${mode} would remove: ${someOf(others.map(({path, object}) => path ?? object.metadata.name))}`,
    `specify --secrets ${others[0]!.credential!.mode}, or delete these files; an engine then deletes the Secrets`,
  )
}

/** Returns clusters with further objects. */
export function withObjects(rendered: readonly RenderedCluster[], more: readonly EarlierObject[]): RenderedCluster[] {
  const names = [...new Set([...rendered, ...more].map(({cluster}) => cluster))]
  return names.map(cluster => {
    const {objects = [], leftOut = []} = rendered.find(one => one.cluster === cluster) ?? {}
    const own = more.filter(one => one.cluster === cluster).map(({cluster: _, path: _path, ...object}) => object)
    return {cluster, objects: [...objects, ...own], leftOut}
  })
}
