import {distinctRights, type Right} from '../kubernetes/access-rules.ts'
import {groupOf, type KubernetesObject, type ObjectKind, type ObjectRef, refOf} from '../kubernetes/object.ts'
import {checkListSize, type ListSize, objectIn, pageIn} from './answers.ts'
import type {ApplyOptions, Cluster, DeleteOptions, ListOptions, WriteOptions} from './cluster.ts'
import {ApiError, ConflictError} from './errors.ts'
import type {ApiRequest, ApiResponse, Transport} from './http.ts'
import {createResources, pathOf, type Resource, type Resources} from './resources.ts'
import {type ReadTracker, trackReads} from './rights/denied-reads.ts'
import {checkRights} from './rights/rights.ts'
import {conflictsOf, messageOf, successBody} from './status.ts'

/** The properties of a `Cluster` that need no request. */
export type ClusterIdentity = Pick<
  Cluster,
  | 'context'
  | 'server'
  | 'certificateAuthority'
  | 'skipsVerification'
  | 'tlsServerName'
  | 'namespace'
  | 'pods'
  | 'withToken'
>

/** Objects per page of a list; the default of kubectl's `--chunk-size`. */
const pageSize = 500

/** What every operation on an API server needs. */
interface Api {
  context: string
  transport: Transport
  resources: Resources
  fieldManager: string
  reads: ReadTracker
}

/**
 * Returns a `Cluster` on top of a transport. See `cluster.ts` for the contract of each method.
 *
 * @param fieldManager the owner of all fields that are written
 * @param needs returns the permissions to list if a read is denied, where the user lacks them too
 */
export function createCluster(
  identity: ClusterIdentity,
  transport: Transport,
  fieldManager: string,
  needs: () => Promise<readonly Right[]> = async () => [],
): Cluster {
  const resources = createResources(path => readIfPresent(transport, path))
  const reads = trackReads(() => cluster.lacks([]))
  const api: Api = {context: identity.context, transport, resources, fieldManager, reads}
  const cluster: Cluster = {
    ...identity,
    get: ref => getObject(api, ref),
    list: (kind, options = {}) => listObjects(api, kind, options),
    apply: (object, options = {}) => applyObject(api, object, options),
    patch: (ref, patch, options = {}) => patchObject(api, ref, patch, options),
    delete: (ref, options = {}) => deleteObject(api, ref, options),
    create: async (path, body) =>
      successBody(await transport.send({method: 'POST', path, body, repeatable: true})) as KubernetesObject,
    read: path => readPath(api, path),
    lacks: async rights => checkRights(cluster, distinctRights([...rights, ...(await needs())])),
    close: () => transport.close(),
  }
  return cluster
}

async function readIfPresent(transport: Transport, path: string): Promise<object | undefined> {
  const response = await transport.send({method: 'GET', path, repeatable: true})
  return response.status === 404 ? undefined : successBody(response)
}

async function getObject(api: Api, ref: ObjectRef): Promise<KubernetesObject | undefined> {
  const resource = await api.resources.find(ref)
  if (!resource) return undefined
  const right = rightFor('get', ref, resource, ref.namespace)
  const body = await api.reads.run(right, false, () => readIfPresent(api.transport, objectPath(ref, resource)))
  return body && objectIn(body, api.context)
}

async function listObjects(api: Api, kind: ObjectKind, options: ListOptions): Promise<KubernetesObject[]> {
  const resource = await api.resources.find(kind)
  if (!resource) return []
  const right = rightFor('list', kind, resource, options.namespace)
  return api.reads.run(right, options.mayBeDenied ?? false, () => listPages(api, kind, resource, options))
}

/** The permission that a read needs. */
function rightFor(verb: 'get' | 'list', {apiVersion}: ObjectKind, resource: Resource, namespace?: string): Right {
  const where = resource.namespaced && namespace !== undefined ? {namespace} : {}
  return {verb, group: groupOf(apiVersion), resource: resource.plural, ...where}
}

async function listPages(
  api: Api,
  kind: ObjectKind,
  resource: Resource,
  options: ListOptions,
): Promise<KubernetesObject[]> {
  const path = pathOf(kind.apiVersion, resource, options.namespace)
  const items: KubernetesObject[] = []
  const size: ListSize = {items: 0, pages: 0, bytes: 0}
  let next: string | undefined
  do {
    let response = await api.transport.send(listRequest(path, options, pageSize, next))
    if (response.status === 404) return []
    if (response.status === 410 && next !== undefined) {
      // The snapshot behind the pages has expired. Read everything in one page, as client-go's pager does.
      items.length = 0
      response = await api.transport.send(listRequest(path, options, undefined, undefined))
    }
    const page = pageIn(successBody(response), api.context)
    size.items += page.items.length
    size.pages++
    size.bytes += response.bytes ?? 0
    checkListSize(size, api.context, path)
    for (const item of page.items) items.push({...item, apiVersion: kind.apiVersion, kind: kind.kind})
    next = page.next
  } while (next !== undefined)
  return items
}

function listRequest(
  path: string,
  {labelSelector, fieldSelector}: ListOptions,
  limit: number | undefined,
  next: string | undefined,
): ApiRequest {
  const query = {limit: limit?.toString(), continue: next, labelSelector, fieldSelector}
  return {method: 'GET', path, query, repeatable: true}
}

async function applyObject(api: Api, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
  const ref = refOf(object)
  const response = await api.transport.send({
    method: 'PATCH',
    path: objectPath(ref, await requireResource(api, ref)),
    query: {...writeQuery(api, options), force: options.force ? 'true' : undefined},
    // The server expects YAML here; JSON is valid YAML.
    contentType: 'application/apply-patch+yaml',
    body: object,
    repeatable: true,
  })
  const conflicts = conflictsOf(response)
  if (conflicts.length > 0) throw new ConflictError(ref, conflicts, messageOf(response))
  return objectIn(successBody(response), api.context)
}

async function patchObject(api: Api, ref: ObjectRef, patch: object, options: WriteOptions): Promise<KubernetesObject> {
  const response = await api.transport.send({
    method: 'PATCH',
    path: objectPath(ref, await requireResource(api, ref)),
    query: writeQuery(api, options),
    contentType: 'application/merge-patch+json',
    body: patch,
    // With a precondition, the server refuses the repeated patch if it applied the first one and its response was lost.
    repeatable: options.dryRun === true || hasPrecondition(patch),
  })
  return objectIn(successBody(response), api.context)
}

async function deleteObject(api: Api, ref: ObjectRef, options: DeleteOptions): Promise<boolean> {
  const resource = await api.resources.find(ref)
  if (!resource) return false
  const response = await api.transport.send({
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
  if (response.status === 404) return false
  successBody(response)
  return true
}

async function readPath({transport}: Api, pathAndQuery: string): Promise<unknown> {
  const [path = '', query] = pathAndQuery.split('?', 2)
  const response: ApiResponse = await transport.send({
    method: 'GET',
    path,
    query: Object.fromEntries(new URLSearchParams(query)),
    repeatable: true,
  })
  return successBody(response)
}

/** The resource of a kind that a write needs. A missing kind is a 404. */
async function requireResource({resources}: Api, {kind, apiVersion}: ObjectKind): Promise<Resource> {
  const resource = await resources.find({kind, apiVersion})
  if (resource) return resource
  throw new ApiError(404, 'NotFound', `the API server has no kind ${kind} in ${apiVersion}`)
}

function hasPrecondition(patch: object): boolean {
  return (patch as {metadata?: {resourceVersion?: string}}).metadata?.resourceVersion !== undefined
}

function writeQuery({fieldManager}: Api, {dryRun}: WriteOptions): Record<string, string | undefined> {
  return {fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined}
}

/** Throws if a namespaced kind has no namespace: a guessed namespace could hold an unrelated object of that name. */
function objectPath(ref: ObjectRef, resource: Resource): string {
  if (resource.namespaced && !ref.namespace) throw new Error(`${ref.kind} "${ref.name}" needs a namespace`)
  if (!ref.name) throw new Error(`a ${ref.kind} needs a name`)
  return pathOf(ref.apiVersion, resource, ref.namespace, ref.name)
}
