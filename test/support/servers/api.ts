import {readFile} from 'node:fs/promises'
import {Agent, request} from 'node:https'
import {load} from 'js-yaml'

/** Any Kubernetes object. */
export interface AnyObject {
  apiVersion: string
  kind: string
  metadata: {name: string; namespace?: string; [field: string]: unknown}
  [field: string]: unknown
}

/** A minimal client for the API server of one context. It is independent of the code under test. */
export interface Api {
  /** Returns the JSON at a path, undefined for 404. Rejects for any other status of 400 or more. */
  get<T = AnyObject>(path: string): Promise<T | undefined>
  /** Forced server-side apply, by default with field manager `test`. `subresource` is `status`, for example. */
  apply(object: AnyObject, subresource?: string, manager?: string): Promise<AnyObject>
  /** Creates an object and returns it. */
  create(object: AnyObject): Promise<AnyObject>
  /** Replaces an object, with `manager` as the field manager. */
  replace(object: AnyObject, manager: string): Promise<AnyObject>
  /** Deletes the objects at a path, if there are any. */
  delete(path: string): Promise<void>
  close(): void
}

interface Kubeconfig {
  clusters: {name: string; cluster: {server: string; 'certificate-authority-data': string}}[]
  users: {name: string; user: {token?: string; 'client-certificate-data'?: string; 'client-key-data'?: string}}[]
  contexts: {name: string; context: {cluster: string; user: string}}[]
}

/**
 * Connects to a context of a kubeconfig that `startServers` or `startLab` wrote.
 *
 * @param as user to impersonate, who has no permissions without a binding
 */
export async function openApi(kubeconfig: string, context: string, as?: string): Promise<Api> {
  const config = load(await readFile(kubeconfig, 'utf8')) as Kubeconfig
  const chosen = named(config.contexts, context).context
  const {cluster} = named(config.clusters, chosen.cluster)
  const {user} = named(config.users, chosen.user)
  const agent = new Agent({
    keepAlive: true,
    ca: decode(cluster['certificate-authority-data']),
    cert: decode(user['client-certificate-data']),
    key: decode(user['client-key-data']),
  })
  const headers: Record<string, string> = {
    ...(user.token ? {authorization: `Bearer ${user.token}`} : {}),
    ...(as === undefined ? {} : {'impersonate-user': as}),
  }

  const send = (method: string, path: string, body?: unknown, type = 'application/json') =>
    new Promise<{status: number; json: unknown}>((resolve, reject) => {
      const sent = request(
        new URL(path, cluster.server),
        {method, agent, headers: {...headers, 'content-type': type}},
        response => {
          const chunks: Buffer[] = []
          response.on('data', chunk => chunks.push(chunk))
          response.on('error', reject)
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString()
            // The answer for a group that is not served yet is plain text.
            const isJson = response.headers['content-type']?.includes('json')
            resolve({status: response.statusCode ?? 0, json: isJson ? JSON.parse(text) : {message: text}})
          })
        },
      )
      sent.on('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  const ask = async (method: string, path: string, body?: unknown, type?: string) => {
    const {status, json} = await send(method, path, body, type)
    if (status >= 400 && status !== 404)
      throw new Error(`${method} ${path}: ${status} ${(json as {message?: string}).message}`)
    return status === 404 ? undefined : json
  }
  const must = async (...args: Parameters<typeof ask>) => {
    const json = await ask(...args)
    if (json === undefined) throw new Error(`${args[0]} ${args[1]}: 404`)
    return json as AnyObject
  }
  return {
    get: async <T>(path: string) => (await ask('GET', path)) as T | undefined,
    apply: (object, subresource, manager = 'test') => {
      const path = `${pathOf(object)}${subresource ? `/${subresource}` : ''}?fieldManager=${manager}&force=true`
      return must('PATCH', path, object, 'application/apply-patch+yaml')
    },
    create: object => must('POST', collectionOf(object), object),
    replace: (object, manager) => must('PUT', `${pathOf(object)}?fieldManager=${manager}`, object),
    delete: async path => void (await ask('DELETE', path)),
    close: () => agent.destroy(),
  }
}

/** URL path of an object: `/apis/apps/v1/namespaces/a/deployments/b`. The plural follows the rules of English. */
export function pathOf(object: AnyObject): string {
  return `${collectionOf(object)}/${object.metadata.name}`
}

function collectionOf({apiVersion, kind, metadata}: AnyObject): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
  const lower = kind.toLowerCase()
  const plural = /[^aeo]y$/.test(lower) ? `${lower.slice(0, -1)}ies` : /s$/.test(lower) ? `${lower}es` : `${lower}s`
  return `${root}${metadata.namespace ? `/namespaces/${metadata.namespace}` : ''}/${plural}`
}

function named<T extends {name: string}>(list: T[], name: string): T {
  const entry = list.find(each => each.name === name)
  if (!entry) throw new Error(`not in the kubeconfig: ${name}`)
  return entry
}

function decode(base64: string | undefined): Buffer | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, 'base64')
}
