import type {Json} from '../../text/json.ts'

/** The fields of `metadata` that this program uses. All other fields are preserved. */
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
  /** API version that the field names in `fieldsV1` refer to. */
  apiVersion?: string
  subresource?: string
  /** When the manager last changed one of its fields. */
  time?: string
  fieldsV1?: {[key: string]: Json | undefined}
}

/** A Kubernetes object as raw JSON: no field is dropped or converted when it is read or written. */
export interface KubernetesObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
  [field: string]: unknown
}

/** A kind, as needed for a list request. */
export interface ObjectKind {
  apiVersion: string
  kind: string
}

/** A reference to an object in one cluster. */
export interface ObjectRef extends ObjectKind {
  namespace?: string
  name: string
}

/** Returns the reference of an object. The namespace is absent, not undefined, for a cluster-scoped object. */
export function refOf(object: KubernetesObject): ObjectRef {
  const {apiVersion, kind, metadata} = object
  return metadata.namespace
    ? {apiVersion, kind, namespace: metadata.namespace, name: metadata.name}
    : {apiVersion, kind, name: metadata.name}
}

/** Returns the API group of an apiVersion: `apps` for `apps/v1`, '' for `v1`. */
export function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/** Returns a key that is equal for references to the same object, regardless of their API versions. */
export function refKey(ref: ObjectRef): string {
  return [groupOf(ref.apiVersion), ref.kind, ref.namespace ?? '', ref.name].join('/')
}

/** Returns the form of `kubectl -o name`: `secret/cacerts`, `gateway.networking.istio.io/x`. */
export function nameOf(ref: ObjectRef): string {
  const group = groupOf(ref.apiVersion)
  return `${ref.kind.toLowerCase()}${group ? `.${group}` : ''}/${ref.name}`
}
