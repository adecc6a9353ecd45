import {type KubernetesObject, type ObjectKind, type ObjectRef, refOf} from '../kubernetes/object.ts'
import type {ApplyOptions, Cluster, DeleteOptions, ListOptions, WriteOptions} from './cluster.ts'
import {ApiError, ConflictError, type FieldConflict} from './errors.ts'
import type {ApiAnswer, Transport} from './http.ts'
import {createResources, pathOf, type Resource} from './resources.ts'
import {unfitObject} from './retry.ts'

/** What a `Cluster` knows about itself without asking the server. */
export type ClusterIdentity = Pick<
  Cluster,
  'context' | 'server' | 'certificateAuthority' | 'tlsServerName' | 'namespace' | 'pods'
>

/** Objects a page: kubectl's `--chunk-size`. */
const pageSize = 500

/** A Status object (Kubernetes meta/v1). */
interface Status {
  reason?: string
  message?: string
  details?: {causes?: {reason?: string; message?: string; field?: string}[]}
}

interface Page {
  items?: KubernetesObject[]
  metadata?: {continue?: string}
}

/** The `Cluster` over a transport. See `cluster.ts` for what each method promises. */
export function createCluster(identity: ClusterIdentity, transport: Transport, fieldManager: string): Cluster {
  const resources = createResources(async path => {
    const answer = await transport.send({method: 'GET', path, repeatable: true})
    return answer.status === 404 ? undefined : accepted(answer)
  })

  /** The resource of a kind that has to be there. */
  const required = async (kind: ObjectKind): Promise<Resource> => {
    const resource = await resources.find(kind)
    if (resource) return resource
    throw new ApiError(404, 'NotFound', `the server does not know the kind ${kind.kind} of ${kind.apiVersion}`)
  }

  const listPage = async (path: string, options: ListOptions, limit: number | undefined, next: string | undefined) =>
    transport.send({
      method: 'GET',
      path,
      query: {
        limit: limit?.toString(),
        continue: next,
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
      },
      repeatable: true,
    })

  return {
    ...identity,

    get: async ref => {
      const resource = await resources.find(ref)
      if (!resource) return undefined
      const answer = await transport.send({method: 'GET', path: objectPath(ref, resource), repeatable: true})
      return answer.status === 404 ? undefined : (accepted(answer) as KubernetesObject)
    },

    list: async (kind: ObjectKind, options: ListOptions = {}) => {
      const resource = await resources.find(kind)
      if (!resource) return []
      const path = pathOf(kind.apiVersion, resource, options.namespace)
      const items: KubernetesObject[] = []
      let next: string | undefined
      do {
        let answer = await listPage(path, options, pageSize, next)
        if (answer.status === 404) return []
        if (answer.status === 410 && next !== undefined) {
          // The snapshot of the pages is gone: all at once, as client-go's pager does, since that can't expire.
          items.length = 0
          answer = await listPage(path, options, undefined, undefined)
        }
        const page = accepted(answer) as Page
        for (const item of page.items ?? []) items.push({...item, apiVersion: kind.apiVersion, kind: kind.kind})
        next = page.metadata?.continue || undefined
      } while (next !== undefined)
      return items
    },

    apply: async (object: KubernetesObject, options: ApplyOptions = {}) => {
      const ref = refOf(object)
      const answer = await transport.send({
        method: 'PATCH',
        path: objectPath(ref, await required(ref)),
        query: {...writeQuery(fieldManager, options), force: options.force ? 'true' : undefined},
        // JSON is YAML.
        contentType: 'application/apply-patch+yaml',
        body: object,
        repeatable: true,
      })
      const conflicts = answer.status === 409 ? conflictsOf(answer.body as Status | undefined) : []
      if (conflicts.length > 0) throw new ConflictError(ref, conflicts, messageOf(answer))
      return accepted(answer) as KubernetesObject
    },

    patch: async (ref: ObjectRef, patch: object, options: WriteOptions = {}) => {
      const answer = await transport.send({
        method: 'PATCH',
        path: objectPath(ref, await required(ref)),
        query: writeQuery(fieldManager, options),
        contentType: 'application/merge-patch+json',
        body: patch,
        // with a precondition a second one is refused if the first was done and its answer lost
        repeatable: options.dryRun === true || hasPrecondition(patch),
      })
      return accepted(answer) as KubernetesObject
    },

    delete: async (ref: ObjectRef, options: DeleteOptions = {}) => {
      const resource = await resources.find(ref)
      if (!resource) return false
      const answer = await transport.send({
        method: 'DELETE',
        path: objectPath(ref, resource),
        body: {
          apiVersion: 'v1',
          kind: 'DeleteOptions',
          propagationPolicy: 'Background',
          ...(options.uid === undefined ? {} : {preconditions: {uid: options.uid}}),
          ...(options.dryRun ? {dryRun: ['All']} : {}),
        },
        repeatable: options.dryRun === true || options.uid !== undefined,
      })
      if (answer.status === 404) return false
      accepted(answer)
      return true
    },

    create: async (path: string, body: object) =>
      accepted(await transport.send({method: 'POST', path, body, repeatable: true})) as KubernetesObject,

    read: async (path: string) => {
      const [plain = '', query] = path.split('?', 2)
      return accepted(
        await transport.send({
          method: 'GET',
          path: plain,
          query: Object.fromEntries(new URLSearchParams(query)),
          repeatable: true,
        }),
      )
    },

    close: () => transport.close(),
  }
}

function hasPrecondition(patch: object): boolean {
  return (patch as {metadata?: {resourceVersion?: string}}).metadata?.resourceVersion !== undefined
}

function writeQuery(fieldManager: string, {dryRun}: WriteOptions): Record<string, string | undefined> {
  return {fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined}
}

/** Throws on a reference that lacks the namespace its kind needs: guessing one would touch a stranger's object. */
function objectPath(ref: ObjectRef, resource: Resource): string {
  if (resource.namespaced && !ref.namespace) throw new Error(`${ref.kind} "${ref.name}" needs a namespace`)
  if (!ref.name) throw new Error(`a ${ref.kind} needs a name`)
  return pathOf(ref.apiVersion, resource, ref.namespace, ref.name)
}

function accepted(answer: ApiAnswer): unknown {
  if (answer.status < 300) return answer.body
  const message = messageOf(answer)
  if (answer.status === 500 && message.startsWith(unfitObject)) throw new ApiError(422, 'Invalid', message)
  throw new ApiError(answer.status, (answer.body as Status | undefined)?.reason, message)
}

function messageOf({status, body}: ApiAnswer): string {
  return (body as Status | undefined)?.message || `the API server answered ${status}`
}

/** kube-apiserver words it `conflict with "MANAGER" using v1`, one cause a field (k8s.io/apimachinery, managedfields/internal/conflict.go). */
function conflictsOf(status: Status | undefined): FieldConflict[] {
  return (status?.details?.causes ?? [])
    .filter(cause => cause.reason === 'FieldManagerConflict')
    .map(({field = '', message = ''}) => ({
      field,
      manager: /^conflict with "((?:[^"\\]|\\.)*)"/.exec(message)?.[1]?.replace(/\\(["\\])/g, '$1') ?? message,
    }))
}
