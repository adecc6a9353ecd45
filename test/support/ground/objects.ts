import type {AnyObject, Api} from '../servers/api.ts'

interface List {
  items?: AnyObject[]
}

/** Resources that servers write by themselves, at any time: also allocated addresses and priorities of requests. */
const volatileResources = new Set([
  ...['events', 'leases', 'componentstatuses', 'endpoints', 'endpointslices'],
  ...['apiservices', 'flowschemas', 'prioritylevelconfigurations', 'ipaddresses', 'servicecidrs'],
])

/** Fields whose values the server chooses. It labels a token Secret with the day on which the token was used last. */
const serverValues = new Set([
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'healthCheckNodePort',
  'kubernetes.io/service-account.uid',
  'kubernetes.io/legacy-token-last-used',
])

/**
 * Reads all objects of a cluster that belong to a ground: those in its namespace, and cluster-scoped ones with the namespace
 * in their name.
 *
 * @param scope `everything` returns all objects of the cluster
 * @param skip paths of lists that are not read
 * @returns the objects as the server returns them, by path
 */
export async function readAll(
  api: Api,
  namespace: string,
  scope: 'ground' | 'everything' = 'ground',
  skip?: RegExp,
): Promise<Record<string, AnyObject>> {
  const paths = (await pathsOf(api)).filter(path => !skip?.test(path))
  const lists = await Promise.all(
    paths.map(async path => ({path, list: await whenInitialized(() => api.get<List>(path))})),
  )
  const objects: Record<string, AnyObject> = {}
  for (const {path, list} of lists)
    for (const item of list?.items ?? []) {
      const belongs = item.metadata.namespace === namespace || item.metadata.name.includes(namespace)
      if (scope === 'everything' || belongs)
        objects[`${path} ${item.metadata.namespace ?? ''}/${item.metadata.name}`] = item
    }
  return objects
}

/**
 * Converts objects so that two runs give equal values: without counters, timestamps and random values, and with the name
 * of the namespace replaced.
 */
export function comparable(objects: Record<string, AnyObject>, namespace: string): unknown {
  const plain = Object.entries(objects).map(([path, object]) => {
    const {managedFields, uid, resourceVersion, creationTimestamp, generation, ...metadata} = object.metadata
    const owners = ((managedFields ?? []) as {manager: string; operation: string}[])
      .filter(({manager}) => manager !== 'kube-apiserver')
      .map(({manager, operation}) => `${manager} ${operation}`)
      .sort()
    const secret = path.includes('/secrets ') ? {data: Object.keys((object.data ?? {}) as object).sort()} : {}
    return [path, {...object, ...secret, metadata, owners}]
  })
  const sorted = Object.fromEntries(plain.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
  const text = JSON.stringify(sorted, (key, value) => (serverValues.has(key) ? undefined : value))
  // Records list the UIDs of objects.
  const uids = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g
  return JSON.parse(
    text
      .replaceAll(namespace, 'NAMESPACE')
      .replace(/applyset-[\w-]+-v1/g, 'APPLYSET')
      .replace(uids, 'UID')
      .replace(/("token-expires":)"[^"]+"/g, '$1"TIME"')
      // A run that is killed between the creation of a namespace and that of the record in it does not list the namespace.
      .replaceAll('v1 Namespace - NAMESPACE UID\\n', ''),
  )
}

/** Retries a request: the first LIST of a new kind may return 429 "storage is (re)initializing". */
async function whenInitialized<T>(request: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await request()
    } catch (error) {
      if (attempt >= 20 || !String(error).includes(': 429 ')) throw error
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  }
}

const discovered = new WeakMap<Api, Promise<string[]>>()

/** The paths of all lists that a server has. */
function pathsOf(api: Api): Promise<string[]> {
  const paths = discovered.get(api) ?? discover(api)
  discovered.set(api, paths)
  return paths
}

async function discover(api: Api): Promise<string[]> {
  const groups = await api.get<{groups: {preferredVersion: {groupVersion: string}}[]}>('/apis')
  const roots = ['/api/v1', ...groups!.groups.map(({preferredVersion}) => `/apis/${preferredVersion.groupVersion}`)]
  const resources = await Promise.all(
    roots.map(async path => {
      const list = await api.get<{resources: {name: string; verbs: string[]}[]}>(path)
      // Its last definition may just have been deleted.
      return (list?.resources ?? [])
        .filter(({name, verbs}) => verbs.includes('list') && !volatileResources.has(name))
        .map(({name}) => `${path}/${name}`)
    }),
  )
  return resources.flat()
}
