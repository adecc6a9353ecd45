import {createServer, type IncomingMessage} from 'node:http'
import {listen} from '../listen.ts'
import {type AnyObject, pathOf} from '../servers/api.ts'
import {buildControlPlane, type FakeControlPlaneOptions} from './control-plane.ts'

/** An HTTP server that simulates several API servers, each under its own path, as far as `mesh federate` uses them. */
export interface FakeFleet {
  /** URL of the API server of a cluster. */
  urlOf(cluster: string): string
  /** The largest number of concurrent requests to one cluster. */
  readonly maxOpen: number
  readonly requests: number
  /** One line per request: cluster, method and path. */
  readonly log: readonly string[]
  close(): Promise<void>
}

/** What a cluster of a fleet has. */
export interface FakeCluster {
  /** Overrides for its control plane. `false`: it has none. */
  controlPlane?: Partial<FakeControlPlaneOptions> | false
  /** Further objects. */
  objects?: readonly AnyObject[]
  /** Name of another cluster of the fleet that it is: a second API server with the same objects. */
  sameAs?: string
}

/**
 * Starts the API servers of clusters that each have a ready control plane.
 *
 * @param settings what differs from that, by cluster
 */
export async function startFakeFleet(
  clusters: readonly string[],
  rootCert: string,
  settings: Readonly<Record<string, FakeCluster>> = {},
): Promise<FakeFleet> {
  const stores = new Map(clusters.map(cluster => [cluster, storeOf(cluster, rootCert, settings[cluster] ?? {})]))
  for (const cluster of clusters) {
    const same = settings[cluster]?.sameAs
    if (same !== undefined) stores.set(cluster, stores.get(same)!)
  }
  const open = new Map<string, number>()
  let maxOpen = 0
  let requests = 0
  const log: string[] = []
  const server = createServer(async (request, response) => {
    const [, cluster = '', rest = ''] = /^\/([^/]+)(\/.*)$/.exec(request.url!) ?? []
    requests++
    log.push(`${cluster} ${request.method} ${rest}`)
    open.set(cluster, (open.get(cluster) ?? 0) + 1)
    maxOpen = Math.max(maxOpen, open.get(cluster)!)
    await new Promise(resolve => setTimeout(resolve, 5))
    const [status, body] = answer(stores.get(cluster)!, request.method!, rest, await bodyOf(request))
    response.writeHead(status, {'content-type': 'application/json'})
    response.end(JSON.stringify(body))
    open.set(cluster, open.get(cluster)! - 1)
  })
  const port = await listen(server)
  return {
    urlOf: cluster => `http://127.0.0.1:${port}/${cluster}`,
    get maxOpen() {
      return maxOpen
    },
    log,
    get requests() {
      return requests
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** The rules of a cluster administrator. */
const everything = [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]

type Store = Map<string, AnyObject>

function storeOf(cluster: string, rootCert: string, {controlPlane, objects = []}: FakeCluster): Store {
  const namespace = (name: string): AnyObject => ({apiVersion: 'v1', kind: 'Namespace', metadata: {name, uid: cluster}})
  const crd: AnyObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: {name: 'gateways.networking.istio.io'},
  }
  const istio =
    controlPlane === false ? [] : [namespace('istio-system'), crd, ...istioOf(cluster, rootCert, controlPlane)]
  const all = [namespace('kube-system'), ...istio, ...objects]
  return new Map(all.map(object => [pathOf(object), object]))
}

function istioOf(cluster: string, rootCert: string, overrides: Partial<FakeControlPlaneOptions> = {}): AnyObject[] {
  const [deployment, ...others] = buildControlPlane({
    ...{clusterName: cluster, meshID: 'mesh1', network: cluster, rootCert},
    ...overrides,
  })
  return [{...deployment, status: {replicas: 1, readyReplicas: 1, availableReplicas: 1}}, ...others]
}

async function bodyOf(request: IncomingMessage): Promise<AnyObject | undefined> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return chunks.length === 0 ? undefined : JSON.parse(Buffer.concat(chunks).toString())
}

function answer(store: Store, method: string, url: string, body: AnyObject | undefined): [number, object] {
  const {pathname, searchParams} = new URL(url, 'http://x')
  if (pathname === '/version') return [200, {gitVersion: 'v1.36.0'}]
  if (pathname.endsWith('reviews'))
    return [201, {...body, status: {allowed: true, authenticated: true, resourceRules: everything}}]
  if (method === 'PATCH') {
    const known = store.get(pathname)
    const metadata = {...known?.metadata, ...body!.metadata, name: pathname.split('/').at(-1)!, uid: pathname}
    const filled = body!.type === 'kubernetes.io/service-account-token' ? {data: {token: 'dG9rZW4='}} : {}
    const object = {...known, ...body!, ...filled, metadata}
    if (!searchParams.has('dryRun')) store.set(pathname, object)
    return [200, object]
  }
  const found = store.get(pathname)
  if (found) return [200, found]
  // A path without an object may be the path of a list.
  const items = [...store].filter(
    ([path]) => path.startsWith(`${pathname}/`) && !path.slice(pathname.length + 1).includes('/'),
  )
  const everywhere = /^\/(api\/v1|apis\/[^/]+\/[^/]+)\/([^/]+)$/.exec(pathname)
  const all = everywhere
    ? [...store].filter(([path]) => path.startsWith(`/${everywhere[1]}/`) && path.split('/').at(-2) === everywhere[2])
    : items
  const isList = everywhere !== null || /\/namespaces\/[^/]+\/[^/]+$/.test(pathname)
  if (!isList) return [404, {kind: 'Status', code: 404, message: 'not found'}]
  const selector = searchParams.get('labelSelector')
  const name = /^metadata\.name=(.*)$/.exec(searchParams.get('fieldSelector') ?? '')?.[1]
  const selected = all
    .map(([, object]) => object)
    .filter(object => selector === null || isSelected(object, selector))
    .filter(({metadata}) => name === undefined || metadata.name === name)
  return [200, {kind: 'List', metadata: {}, items: selected}]
}

/** `key=value` or `key`. */
function isSelected({metadata}: AnyObject, selector: string): boolean {
  const [key = '', value] = selector.split('=')
  const found = (metadata.labels as Record<string, string> | undefined)?.[key]
  return value === undefined ? found !== undefined : found === value
}
