import type {KubernetesObject, ObjectKind, ObjectRef} from '../kubernetes/object.ts'
import type {Pods} from './pods.ts'

/** How a write is sent. */
export interface WriteOptions {
  /** `dryRun=All`: the server checks and merges, and keeps nothing. */
  dryRun?: boolean
}

export interface ApplyOptions extends WriteOptions {
  /** Take fields over from other managers (`--force-conflicts`). */
  force?: boolean
}

export interface ListOptions {
  /** Without it: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only if the live object still has this uid. */
  uid?: string
}

/**
 * One cluster's API server, over one connection pool: the only way anything in this project talks to it.
 *
 * Objects travel as raw JSON. Every method throws `ApiError` for an answer of 400 or more that is not told below, and
 * `UnreachableError` when no answer came. Requests that may be repeated (reads, dry runs, server-side applies, and what
 * has a precondition: a `resourceVersion` or a uid) are tried again on 429, 500, 502, 503, 504 and on a connection that
 * broke.
 */
export interface Cluster {
  /** The kubeconfig context. */
  readonly context: string
  /** URL of the API server, as the kubeconfig has it. */
  readonly server: string
  /** PEM of the API server's certificate authority, if the kubeconfig names one. */
  readonly certificateAuthority: string | undefined
  /** What the kubeconfig sets as the name that the API server's certificate must carry. */
  readonly tlsServerName: string | undefined
  /** Namespace of the context, else `default`. */
  readonly namespace: string

  /** One object, or undefined when it (or its kind) is not there. */
  get(ref: ObjectRef): Promise<KubernetesObject | undefined>
  /** All objects of a kind, following `continue` pages; empty when the kind is not there. Each item carries apiVersion and kind. */
  list(kind: ObjectKind, options?: ListOptions): Promise<KubernetesObject[]>
  /** Server-side apply with strict field validation. Throws `ConflictError` when other managers own the fields. */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<KubernetesObject>
  /** JSON merge patch. A `metadata.resourceVersion` in it is a precondition (409 when the object has moved on). */
  patch(ref: ObjectRef, patch: object, options?: WriteOptions): Promise<KubernetesObject>
  /** Delete in the background; false when it was not there. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>
  /** POST to a path below the server of what makes nothing and may be repeated: access reviews, token requests. */
  create(path: string, body: object): Promise<KubernetesObject>
  /** GET of any path, parsed as JSON: `/version`. */
  read(path: string): Promise<unknown>
  /** What goes through the API server to pods: port-forward and exec. */
  readonly pods: Pods
  /** Ends the idle connections. */
  close(): void
}
