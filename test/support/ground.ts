import {type ChildProcess, execFile, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {dump, load} from 'js-yaml'
import {type AnyObject, type Api, openApi} from './servers/api.ts'
import {type FakeControlPlaneOptions, fakeControlPlane} from './fake/control-plane.ts'
import {type FaultProxy, type SeenRequest, startFaultProxy} from './servers/fault-proxy.ts'

/** What the program said. */
export interface Said {
  /** Exit code; -1 when a signal ended it. */
  code: number
  stdout: string
  stderr: string
}

export interface MeshOptions {
  env?: Record<string, string | undefined>
  cwd?: string
  input?: string
  /** Gets the process as soon as it runs. */
  onStart?: (child: ChildProcess) => void
}

/** The built program, for a test that starts it in its own way. */
export const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js')
/** A home without a kubeconfig. */
export const home = mkdtempSync(join(tmpdir(), 'kubectl-mesh-home-'))
process.once('exit', () => rmSync(home, {recursive: true, force: true}))

/** Starts the built program as a process of its own without a terminal. */
export function startMesh(args: readonly string[], options: MeshOptions = {}): ChildProcess {
  const child = spawn(process.execPath, [program, ...args], {
    cwd: options.cwd ?? home,
    env: {...process.env, HOME: home, KUBECONFIG: undefined, ...options.env},
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin!.on('error', () => undefined)
  child.stdin!.end(options.input ?? '')
  options.onStart?.(child)
  return child
}

/** Runs the program to its end; any exit code is an answer. It is killed after 100 s (code -1). */
export function runMesh(args: readonly string[], options: MeshOptions = {}): Promise<Said> {
  const child = startMesh(args, options)
  let [stdout, stderr] = ['', '']
  child.stdout!.setEncoding('utf8').on('data', text => (stdout += text))
  child.stderr!.setEncoding('utf8').on('data', text => (stderr += text))
  const late = setTimeout(() => child.kill('SIGKILL'), 100_000)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      clearTimeout(late)
      resolve({code: code ?? -1, stdout, stderr})
    })
  })
}

export interface GroundOptions {
  /** Contexts of the kubeconfig to stand on; its first two without it. */
  contexts?: string[]
  /** Names that the contexts get instead, in the same order. */
  names?: string[]
  /** What differs in a cluster's control plane; `false` for none, not even its namespace. */
  controlPlane?: (context: string) => Partial<FakeControlPlaneOptions> | false
  /** Give the gateways' Services an address, as a cloud does; true without it. */
  balancer?: boolean
}

/** One cluster of a ground. */
export interface GroundCluster {
  /** As the program is told. */
  context: string
  /** Its name in the mesh. */
  cluster: string
  /** Straight to the real server. */
  api: Api
  /** All that the program sends goes through it. */
  proxy: FaultProxy
  /** Kubeconfig that leads to the real server under the original context's name. */
  direct: {kubeconfig: string; context: string}
}

/** Clusters with a control plane each in a system namespace that nobody else uses, so that no test sees another. */
export interface Ground {
  namespace: string
  /** For what a test writes; removed at the end. */
  folder: string
  clusters: GroundCluster[]
  /** `KUBECONFIG`: a file for each cluster, through its proxy. */
  env: {KUBECONFIG: string}
  /** `--system-namespace`, and a `--server` for each. */
  flags: string[]
  /** Flags that name all clusters, and the above. */
  all: string[]
  cluster(name: string): GroundCluster
  /** `kubectl mesh …` with the ground's kubeconfigs. */
  mesh(args: readonly string[], options?: MeshOptions): Promise<Said>
  /** `kubectl mesh federate` of all clusters. */
  federate(args?: readonly string[], options?: MeshOptions): Promise<Said>
  /** The writes that the proxies saw, in each cluster in the order they came. */
  writes(): SeenRequest[]
  /** Forgets what the proxies saw, and lets them pass everything. */
  reset(): void
  close(): Promise<void>
}

/** Whether a request changes something: no dry run, no question to the server. */
export function isWrite({method, url}: {method: string; url: string}): boolean {
  return method !== 'GET' && !url.includes('dryRun=All') && !/\/(self|local)?[a-z]*reviews(\?|$)/.test(url)
}

let grounds = 0

/** Opens a ground on real servers. The control planes are one mesh `mesh1` with the root `rootCert`, unless told. */
export async function openGround(
  servers: {kubeconfig: string; contexts: string[]},
  options: GroundOptions = {},
): Promise<Ground> {
  const {contexts = servers.contexts.slice(0, 2), names = contexts, balancer = true} = options
  const namespace = `ground-${process.pid}-${++grounds}`
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-ground-'))
  const root = await rootCert()
  const clusters = await Promise.all(
    contexts.map(async (context, at): Promise<GroundCluster> => {
      const own = options.controlPlane?.(context)
      const plane = {
        systemNamespace: namespace,
        clusterName: context,
        network: `${context}.${namespace}`,
        meshID: 'mesh1',
        rootCert: root,
      }
      if (own !== false) await fakeControlPlane(servers.kubeconfig, context, {...plane, ...own})
      const [api, proxy] = await Promise.all([
        openApi(servers.kubeconfig, context),
        startFaultProxy({upstream: {kubeconfig: servers.kubeconfig, context}}),
      ])
      await renameContext(proxy.kubeconfig, names[at]!)
      const direct = {kubeconfig: servers.kubeconfig, context}
      return {context: names[at]!, cluster: context, api, proxy, direct}
    }),
  )
  const balancers = balancer ? clusters.map(({api}, at) => playBalancer(api, namespace, `203.0.113.${at + 1}`)) : []
  const env = {KUBECONFIG: clusters.map(({proxy}) => proxy.kubeconfig).join(':')}
  const flags = [
    ...['--system-namespace', namespace],
    ...clusters.flatMap(({context, cluster}) => ['--server', `${context}=https://${cluster}.test:6443`]),
  ]
  const all = ['--contexts', names.join(','), ...flags]
  const marks = new Map<GroundCluster, number>()
  const ground: Ground = {
    namespace,
    folder,
    clusters,
    env,
    flags,
    all,
    cluster: name => clusters.find(({cluster}) => cluster === name)!,
    mesh: (args, {env: more, ...rest} = {}) => runMesh(args, {...rest, env: {...env, ...more}}),
    federate: (args = [], rest) => ground.mesh(['federate', ...all, ...args], rest),
    writes: () => clusters.flatMap(one => one.proxy.requests.slice(marks.get(one) ?? 0).filter(isWrite)),
    reset: () => {
      for (const one of clusters) {
        marks.set(one, one.proxy.requests.length)
        one.proxy.decide = () => 'pass'
      }
    },
    close: async () => {
      for (const stop of balancers) stop()
      await Promise.all(clusters.map(({proxy}) => proxy.close()))
      for (const {api} of clusters) api.close()
      await rm(folder, {recursive: true, force: true})
    },
  }
  return ground
}

let root: Promise<string> | undefined

/** A self-signed root, PEM; the same for the whole process. */
export function rootCert(): Promise<string> {
  root ??= makeRoot('shared')
  return root
}

/** A new self-signed root, PEM. */
export async function makeRoot(name: string): Promise<string> {
  const {stdout} = await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '10'],
    ...['-subj', `/O=${name}`, '-keyout', '/dev/null'],
  ])
  return stdout
}

/** Renames the one context of a kubeconfig. */
async function renameContext(file: string, name: string): Promise<void> {
  const config = load(await readFile(file, 'utf8')) as {contexts: {name: string}[]; 'current-context': string}
  config.contexts[0]!.name = name
  config['current-context'] = name
  await writeFile(file, dump(config), {mode: 0o600})
}

/** Gives Services of type LoadBalancer an address, as a cloud's controller does. Gives the way to stop it. */
function playBalancer(api: Api, namespace: string, ip: string): () => void {
  const path = `/api/v1/namespaces/${namespace}/services`
  const look = async () => {
    const list = await api.get<{items?: (AnyObject & {spec: {type: string}; status?: {loadBalancer?: object}})[]}>(path)
    for (const {spec, status, metadata} of list?.items ?? [])
      if (spec.type === 'LoadBalancer' && !JSON.stringify(status).includes('"ip"')) {
        const object = {apiVersion: 'v1', kind: 'Service', metadata: {name: metadata.name, namespace}}
        await api.apply({...object, status: {loadBalancer: {ingress: [{ip}]}}}, 'status')
      }
  }
  let stopped = false
  const loop = async () => {
    while (!stopped) {
      // the Service may go between the two requests
      await look().catch(() => undefined)
      await new Promise(resolve => setTimeout(resolve, 100))
    }
  }
  void loop()
  return () => {
    stopped = true
  }
}

/** Kinds that servers write by themselves all the time. */
const restless = new Set(['events', 'leases', 'componentstatuses', 'endpoints', 'endpointslices'])

/**
 * All objects of a cluster that belong to a ground: those in its namespace and those of the cluster that carry its name;
 * `everything` for the whole cluster. By path, as the server has them.
 */
export async function readAll(
  api: Api,
  namespace: string,
  scope: 'ground' | 'everything' = 'ground',
): Promise<Record<string, AnyObject>> {
  const lists = await Promise.all(
    (await pathsOf(api)).map(async path => ({path, list: await patiently(() => api.get<List>(path))})),
  )
  const found: Record<string, AnyObject> = {}
  for (const {path, list} of lists)
    for (const item of list?.items ?? []) {
      const own = item.metadata.namespace === namespace || item.metadata.name.includes(namespace)
      if (scope === 'everything' || own) found[`${path} ${item.metadata.namespace ?? ''}/${item.metadata.name}`] = item
    }
  return found
}

interface List {
  items?: AnyObject[]
}

/** The first LIST of a new kind may be answered with 429 "storage is (re)initializing". */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask()
    } catch (error) {
      if (tries >= 20 || !String(error).includes(': 429 ')) throw error
      await new Promise(resolve => setTimeout(resolve, 250))
    }
  }
}

const known = new WeakMap<Api, Promise<string[]>>()

/** The list paths of all kinds that a server has, by its own discovery. */
function pathsOf(api: Api): Promise<string[]> {
  const found = known.get(api) ?? discover(api)
  known.set(api, found)
  return found
}

async function discover(api: Api): Promise<string[]> {
  const groups = await api.get<{groups: {preferredVersion: {groupVersion: string}}[]}>('/apis')
  const roots = ['/api/v1', ...groups!.groups.map(({preferredVersion}) => `/apis/${preferredVersion.groupVersion}`)]
  const resources = await Promise.all(
    roots.map(async path => {
      const list = await api.get<{resources: {name: string; verbs: string[]}[]}>(path)
      return list!.resources
        .filter(({name, verbs}) => verbs.includes('list') && !restless.has(name))
        .map(({name}) => `${path}/${name}`)
    }),
  )
  return resources.flat()
}

/**
 * The objects of a cluster as two different runs must agree on them: without what the server counts and dates, without
 * random bytes, and with the namespace's name taken out.
 */
export function comparable(objects: Record<string, AnyObject>, namespace: string): unknown {
  const plain = Object.entries(objects).map(([path, object]) => {
    const {managedFields, uid, resourceVersion, creationTimestamp, generation, ...metadata} = object.metadata
    const owners = ((managedFields ?? []) as {manager: string; operation: string}[])
      .map(({manager, operation}) => `${manager} ${operation}`)
      .sort()
    const secret = path.includes('/secrets ') ? {data: Object.keys((object.data ?? {}) as object).sort()} : {}
    return [path, {...object, ...secret, metadata, owners}]
  })
  const sorted = Object.fromEntries(plain.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)))
  const text = JSON.stringify(sorted, (key, value) => (random.has(key) ? undefined : value))
  return JSON.parse(text.replaceAll(namespace, 'NAMESPACE').replace(/applyset-[\w-]+-v1/g, 'APPLYSET'))
}

/** What servers choose by themselves. */
const random = new Set([
  'clusterIP',
  'clusterIPs',
  'nodePort',
  'healthCheckNodePort',
  'kubernetes.io/service-account.uid',
])
