import type {Cluster} from '../../engine/cluster/cluster.ts'
import {type ApplySet, applySetId} from '../../engine/kubernetes/applyset.ts'
import {idLabel} from '../../engine/kubernetes/applyset-parent.ts'
import {revisionLabel} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import type {Raw} from '../../spec/field.ts'
import {isMap, parseJson} from '../../text/json.ts'

/** A cluster whose settings are exported to mesh files. */
export interface LiveCluster {
  /** The context that the files name. */
  context: string
  cluster: Cluster
  /** Parents of ApplySets in system namespaces. */
  records: readonly KubernetesObject[]
  /** Deployments of istiods. */
  istiods: readonly KubernetesObject[]
}

/** A file of `--values`, as a record stores it. */
export interface ExportedValues {
  /** The path that the user has set. */
  name: string
  content: unknown
}

/** The input of a document that applies what a cluster has. */
export interface ExportedDocument {
  /** `metadata.name` of a document whose kind has no name field. */
  name?: string
  /** `spec.context` of a document for one cluster. */
  context?: string
  /** By field name. */
  raw: Readonly<Record<string, Raw>>
  /** Contents of the files that `raw.values` names. */
  values?: readonly ExportedValues[]
  /** What the document lacks, each as a sentence without a full stop. */
  gaps?: readonly string[]
}

/** Returns the data of a record. */
export function dataOf(record: KubernetesObject): Readonly<Record<string, string | undefined>> {
  return (record.data ?? {}) as Record<string, string | undefined>
}

/** Returns whether a ConfigMap is the parent of an ApplySet with its own name. */
export function isRecord({metadata: {name, namespace = '', labels}}: KubernetesObject): boolean {
  return labels?.[idLabel] === applySetId({name, namespace})
}

/** Returns whether a ConfigMap is the parent of a set. */
export function isRecordOf({metadata: {name, namespace}}: KubernetesObject, set: Pick<ApplySet, 'name' | 'namespace'>) {
  return name === set.name && namespace === set.namespace
}

/**
 * Returns the revision that a document needs to find the control plane of a namespace: undefined if it has one without a revision,
 * or none.
 */
export function revisionIn({istiods}: Pick<LiveCluster, 'istiods'>, systemNamespace: string): string | undefined {
  const revisions = istiods
    .filter(({metadata}) => metadata.namespace === systemNamespace)
    .map(({metadata}) => metadata.labels?.[revisionLabel] ?? 'default')
  return revisions.includes('default') ? undefined : revisions.toSorted()[0]
}

/** Returns a setting only if there is a value, for an input without undefined values. */
export function unlessMissing<K extends string, V extends Raw>(key: K, value: V | undefined): {[name in K]?: V} {
  return (value === undefined ? {} : {[key]: value}) as {[name in K]?: V}
}

/** Key of the paths in the data of a record. */
const pathsKey = 'paths'

/**
 * Returns the part of a record's data that stores the paths of local files which a run has used, for `mesh export`. Commands do not
 * read them: a record must not determine which files of a computer are used.
 *
 * @param paths by field name
 */
export function pathsData(paths: Readonly<Record<string, Raw>>): Record<string, string> {
  const known = Object.entries(paths).filter(
    ([, path]) => path !== undefined && path !== '-' && !(Array.isArray(path) && path.length === 0),
  )
  return known.length === 0 ? {} : {[pathsKey]: JSON.stringify(Object.fromEntries(known))}
}

/** Returns the paths that a record stores, by field name. */
export function storedPaths(record: KubernetesObject, names: readonly string[]): Record<string, Raw> {
  const parsed = parseJson(dataOf(record)[pathsKey] ?? '')
  const stored = isMap(parsed) ? parsed : {}
  const valid = (value: unknown) => typeof value === 'string' || (Array.isArray(value) && value.every(isText))
  return Object.fromEntries(names.filter(name => valid(stored[name])).map(name => [name, stored[name] as Raw]))
}

function isText(value: unknown): boolean {
  return typeof value === 'string'
}
