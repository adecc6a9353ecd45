import type {Right} from '../kubernetes/access-rules.ts'
import type {KubernetesObject, ObjectKind, ObjectRef} from '../kubernetes/object.ts'
import type {Pods} from './pods/pods.ts'

/** Options of every write. */
export interface WriteOptions {
  /** Send `dryRun=All`: the server validates and merges, but persists nothing. */
  dryRun?: boolean
}

export interface ApplyOptions extends WriteOptions {
  /** Take over fields that other managers own (`--force-conflicts`). */
  force?: boolean
}

export interface ListOptions {
  /** Omitted: all namespaces. */
  namespace?: string
  labelSelector?: string
  fieldSelector?: string
  /** The caller handles a 403, so that errors about other reads do not list this permission as missing. */
  mayBeDenied?: true
}

export interface DeleteOptions extends WriteOptions {
  /** Delete only if the live object still has this uid. */
  uid?: string
}

/** An address of an API server. */
export interface ServerAddress {
  /** https URL. */
  server: string
  /** PEM; undefined for the certificate authorities of this machine. */
  certificateAuthority: string | undefined
  tlsServerName: string | undefined
}

/**
 * The API server of one cluster, reached through one connection pool. All requests of this program go through it.
 *
 * Objects are raw JSON. Unless documented otherwise, every method throws `ApiError` for a status of 300 or more, and
 * `UnreachableError` when no response arrives. If RBAC denies a read, the error is a `DeniedReadsError`.
 *
 * Repeatable requests are retried on 429, 500, 502, 503, 504 and on a broken connection. Repeatable are reads, dry
 * runs, server-side applies, and writes with a precondition (a `resourceVersion` or a uid).
 */
export interface Cluster {
  /** Name of the kubeconfig context. */
  readonly context: string
  /** URL of the API server, exactly as in the kubeconfig. */
  readonly server: string
  /** PEM of the API server's certificate authority, if the kubeconfig sets one. */
  readonly certificateAuthority: string | undefined
  /** The kubeconfig turns the verification of the API server's certificate off (`insecure-skip-tls-verify`). */
  readonly skipsVerification: boolean
  /** Host name expected in the API server's certificate, if the kubeconfig sets one (`tls-server-name`). */
  readonly tlsServerName: string | undefined
  /** Namespace of the context, `default` if it sets none. */
  readonly namespace: string

  /** Returns one object; undefined if the object or its kind does not exist. */
  get(ref: ObjectRef): Promise<KubernetesObject | undefined>
  /** Returns all objects of a kind, each with apiVersion and kind, from all pages. Empty if the kind does not exist. */
  list(kind: ObjectKind, options?: ListOptions): Promise<KubernetesObject[]>
  /**
   * Sends a server-side apply with strict field validation. Throws `ConflictError` if other managers own the fields.
   */
  apply(object: KubernetesObject, options?: ApplyOptions): Promise<KubernetesObject>
  /** Sends a JSON merge patch. A `metadata.resourceVersion` in it is a precondition: 409 if the object has changed. */
  patch(ref: ObjectRef, patch: object, options?: WriteOptions): Promise<KubernetesObject>
  /** Deletes an object with background propagation. Returns false if it does not exist. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>
  /** Sends a POST that persists nothing and may be repeated: an access review, a token request. */
  create(path: string, body: object): Promise<KubernetesObject>
  /** Sends a GET to any path, such as `/version`, and returns the parsed JSON. */
  read(path: string): Promise<unknown>
  /** Access to pods through the API server: port-forward and exec. */
  readonly pods: Pods
  /**
   * Returns the permissions that the current user lacks, among some and those that the command needs. Access reviews find them.
   */
  lacks(rights: readonly Right[]): Promise<Right[]>
  /**
   * Connects to the same cluster with a bearer token instead of the credential of the kubeconfig. Nothing is impersonated.
   *
   * @param at another address of the API server; default: that of the kubeconfig
   * @throws MeshError (exit 2) if the token contains a character that HTTP headers cannot contain
   */
  withToken(token: string, at?: ServerAddress): Cluster
  /** Closes all connections. */
  close(): void
}
