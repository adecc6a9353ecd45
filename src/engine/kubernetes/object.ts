import type {Json} from '../../text/json.ts'

/** `metadata` as far as this project reads or writes it; all else is kept as it came. */
export interface ObjectMeta {
  name: string
  namespace?: string
  labels?: Record<string, string>
  annotations?: Record<string, string>
  uid?: string
  resourceVersion?: string
  generation?: number
  creationTimestamp?: string
  deletionTimestamp?: string
  ownerReferences?: {apiVersion: string; kind: string; name: string; uid: string}[]
  managedFields?: ManagedFields[]
}

/** One entry of `metadata.managedFields` (Kubernetes meta/v1, FieldsV1 format). */
export interface ManagedFields {
  manager?: string
  operation?: 'Apply' | 'Update'
  /** Version in which `fieldsV1` names the fields. */
  apiVersion?: string
  subresource?: string
  /** When the manager last changed one of its fields. */
  time?: string
  fieldsV1?: {[key: string]: Json | undefined}
}

/** A Kubernetes object as raw JSON: nothing is dropped and nothing is converted on the way in or out. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** Which kind of object: enough to build a list request. */
export interface ObjectKind {
  apiVersion: string
  kind: string
}

/** Which object, within one cluster. */
export interface ObjectRef extends ObjectKind {
  namespace?: string
  name: string
}

/** The reference of an object. */
export function refOf(object: KubernetesObject): ObjectRef {
  const {apiVersion, kind, metadata} = object
  return metadata.namespace
    ? {apiVersion, kind, namespace: metadata.namespace, name: metadata.name}
    : {apiVersion, kind, name: metadata.name}
}

/** The API group of an apiVersion, '' for the core group: `apps/v1` → `apps`, `v1` → ``. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** A key that is equal for two references of the same object, whatever version each was written in. */
export function refKey(ref: ObjectRef): string {
  return [groupOf(ref.apiVersion), ref.kind, ref.namespace ?? '', ref.name].join('/')
}

/** `kind.group/name` as kubectl prints it with `-o name`, in lower case kind: `secret/cacerts`, `gateway.networking.istio.io/x`. */
export function nameOf(ref: ObjectRef): string {
  const group = groupOf(ref.apiVersion)
  return `${ref.kind.toLowerCase()}${group ? `.${group}` : ''}/${ref.name}`
}
