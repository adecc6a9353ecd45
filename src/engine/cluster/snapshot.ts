import {type KubernetesObject, type ObjectKind, type ObjectRef, refKey, refOf} from '../kubernetes/object.ts'
import type {Cluster, ListOptions} from './cluster.ts'

/** What a snapshot reads as a whole. */
export interface SnapshotScope {
  namespace: string
  /** The kinds of which one LIST reads all objects of the namespace. It answers every other read of them there. */
  kinds: readonly ObjectKind[]
}

/** What a read asks for: one object, or without a name the objects of a kind. */
export interface ReadSubject extends ObjectKind {
  name?: string
}

/**
 * A cluster that sends each read once. Writes and reviews are sent to the server as usual.
 *
 * Objects that were returned once answer later reads of them. Use it for the reads of one phase, in which nothing changes.
 */
export interface Snapshot extends Cluster {
  /** Returns a snapshot with the same answers, except those to reads of what may have changed. */
  refreshed(mayHaveChanged: (subject: ReadSubject) => boolean): Snapshot
}

interface Answer {
  subject: ReadSubject
  value: Promise<unknown>
}

/** Answers by a key that identifies the read. */
type Answers = Map<string, Answer>

/** Returns a snapshot that has read nothing yet. */
export function snapshotOf(cluster: Cluster, scope: SnapshotScope): Snapshot {
  return createSnapshot(cluster, scope, new Map(), new Map())
}

/** @param seen objects of earlier answers by `refKey` */
function createSnapshot(
  cluster: Cluster,
  scope: SnapshotScope,
  answers: Answers,
  seen: Map<string, KubernetesObject>,
): Snapshot {
  const once = <T>(key: unknown[], subject: ReadSubject, send: () => Promise<T>): Promise<T> => {
    const text = JSON.stringify(key)
    const known = answers.get(text) as {value: Promise<T>} | undefined
    if (known) return known.value
    const value = send()
    answers.set(text, {subject, value})
    return value
  }
  const listOnce = ({apiVersion, kind}: ObjectKind, options: ListOptions) =>
    once(['list', apiVersion, kind, options], {apiVersion, kind}, async () => {
      const objects = await cluster.list({apiVersion, kind}, options)
      for (const object of objects) seen.set(refKey(refOf(object)), object)
      return objects
    })
  const isWhole = ({apiVersion, kind}: ObjectKind, namespace: string | undefined) =>
    namespace === scope.namespace && scope.kinds.some(one => one.apiVersion === apiVersion && one.kind === kind)
  return {
    ...cluster,
    list: async (kind, options = {}) => {
      const selects = selectorOf(options)
      if (!selects || !isWhole(kind, options.namespace)) return listOnce(kind, options)
      return (await listOnce(kind, {namespace: scope.namespace})).filter(selects)
    },
    get: async ref => {
      const known = seen.get(refKey(ref))
      if (known) return known
      if (isWhole(ref, ref.namespace)) {
        const all = await listOnce(ref, {namespace: scope.namespace})
        return all.find(({metadata}) => metadata.name === ref.name)
      }
      return once(['get', refKey(ref)], subjectOf(ref), () => cluster.get(ref))
    },
    read: path => once(['read', path], {apiVersion: '', kind: path}, () => cluster.read(path)),
    refreshed: mayHaveChanged =>
      createSnapshot(
        cluster,
        scope,
        new Map([...answers].filter(([, {subject}]) => !mayHaveChanged(subject))),
        new Map([...seen].filter(([, object]) => !mayHaveChanged(subjectOf(refOf(object))))),
      ),
  }
}

function subjectOf({apiVersion, kind, name}: ObjectRef): ReadSubject {
  return {apiVersion, kind, name}
}

/** Returns which objects of a namespace a LIST selects; undefined for a selector that only the server evaluates. */
function selectorOf({labelSelector, fieldSelector}: ListOptions): ((object: KubernetesObject) => boolean) | undefined {
  if (fieldSelector !== undefined) return undefined
  if (labelSelector === undefined) return () => true
  const [, key, value] = /^([^\s,=!()]+)(?:=([^\s,=!()]*))?$/.exec(labelSelector) ?? []
  if (key === undefined) return undefined
  return ({metadata}) => {
    const found = metadata.labels?.[key]
    return found !== undefined && (value === undefined || found === value)
  }
}
