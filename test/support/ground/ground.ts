import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {dump, load} from 'js-yaml'
import {type FakeControlPlaneOptions, fakeControlPlane} from '../fake/control-plane.ts'
import {type Api, openApi} from '../servers/api.ts'
import {type FaultProxy, type SeenRequest, startFaultProxy} from '../servers/fault-proxy.ts'
import {rootCert} from './certificates.ts'
import {playBalancer, playGatewayPods} from './players.ts'
import {type MeshOptions, type ProgramResult, runMesh} from './program.ts'

/** Options of a ground. */
export interface GroundOptions {
  /** Contexts of the kubeconfig to use (default: the first two). */
  contexts?: string[]
  /** Names for the contexts in the kubeconfigs of the program, in the same order (default: unchanged). */
  names?: string[]
  /** Overrides for the control plane of a cluster. `false` creates no control plane and no namespace. */
  controlPlane?: (context: string) => Partial<FakeControlPlaneOptions> | false
  /** System namespace of an earlier ground on the same servers, whose objects stay (default: a new one). */
  namespace?: string
  /** Assign addresses to LoadBalancer Services, as a cloud provider does (default true). */
  balancer?: boolean
  /** Report the pods of gateway Deployments as available, as controllers do (default true). */
  pods?: boolean
}

/** A cluster of a ground. */
export interface GroundCluster {
  /** Name of the context in the kubeconfig of the program. */
  context: string
  /** Name of the cluster in the mesh. */
  cluster: string
  /** Connects to the API server directly. */
  api: Api
  /** All requests of the program go through this proxy. */
  proxy: FaultProxy
  /** A kubeconfig that connects to the API server directly, and the original context. */
  direct: {kubeconfig: string; context: string}
}

/**
 * A test bed on shared API servers: several clusters with a fake control plane each, in a system namespace of the ground.
 * Tests with different grounds do not affect each other.
 */
export interface Ground {
  namespace: string
  /** A folder for files of the test. It is removed on `close`. */
  folder: string
  clusters: GroundCluster[]
  /** `KUBECONFIG` with one file per cluster, each through its proxy. */
  env: {KUBECONFIG: string}
  /** `--system-namespace`, and `--server` for each cluster. */
  flags: string[]
  /** `--contexts` with all clusters, and `flags`. */
  all: string[]
  cluster(name: string): GroundCluster
  /** Runs `kubectl mesh …` with the kubeconfigs of the ground. */
  mesh(args: readonly string[], options?: MeshOptions): Promise<ProgramResult>
  /** Runs `kubectl mesh federate` for all clusters. */
  federate(args?: readonly string[], options?: MeshOptions): Promise<ProgramResult>
  /** The write requests since the last `reset`: for each cluster in the order of arrival. */
  writes(): SeenRequest[]
  /** Clears the recorded requests and disables all faults. */
  reset(): void
  close(): Promise<void>
}

/**
 * Whether a request changes objects that a command is about. Dry runs and access reviews do not. The lease is not counted: every run
 * that writes takes and releases it, and its own tests are in lease.test.ts.
 */
export function isWrite({method, url}: {method: string; url: string}): boolean {
  return (
    method !== 'GET' && !url.includes('dryRun=All') && !/\/(self|local)?[a-z]*reviews(\?|$)|\/leases(\/|\?|$)/.test(url)
  )
}

/** The test file. A process ID is used again after some 30,000 processes, while the servers of the run still have its objects. */
const file = process.env.VITEST_WORKER_ID ?? process.pid
let grounds = 0

/**
 * Creates a ground. By default, the control planes belong to the mesh `mesh1` and have the root certificate `rootCert()`.
 *
 * @param servers kubeconfig and contexts of running API servers
 */
export async function openGround(
  servers: {kubeconfig: string; contexts: string[]},
  options: GroundOptions = {},
): Promise<Ground> {
  const {contexts = servers.contexts.slice(0, 2), names = contexts, balancer = true, pods = true} = options
  // `readAll` searches for names that contain the namespace, so none may begin with another one.
  const {namespace = `ground-${file}-${String(++grounds).padStart(3, '0')}`} = options
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-ground-'))
  const clusters = await Promise.all(
    contexts.map((context, at) =>
      openCluster({kubeconfig: servers.kubeconfig, context}, names[at]!, namespace, options.controlPlane?.(context)),
    ),
  )
  const controllers = [
    ...(balancer ? clusters.map(({api}, at) => playBalancer(api, namespace, `203.0.113.${at + 1}`)) : []),
    ...(pods ? clusters.map(({api}) => playGatewayPods(api, namespace)) : []),
  ]
  const env = {KUBECONFIG: clusters.map(({proxy}) => proxy.kubeconfig).join(':')}
  const flags = [
    ...['--system-namespace', namespace],
    ...clusters.flatMap(({context, cluster}) => ['--server', `${context}=https://${cluster}.test:6443`]),
  ]
  const all = ['--contexts', names.join(','), ...flags]
  const mesh: Ground['mesh'] = (args, {env: more, ...rest} = {}) => runMesh(args, {...rest, env: {...env, ...more}})
  return {
    namespace,
    folder,
    clusters,
    env,
    flags,
    all,
    mesh,
    cluster: name => clusters.find(({cluster}) => cluster === name)!,
    federate: (args = [], rest) => mesh(['federate', ...all, ...args], rest),
    ...recorder(clusters),
    close: async () => {
      for (const stop of controllers) stop()
      await Promise.all(clusters.map(({proxy}) => proxy.close()))
      for (const {api} of clusters) api.close()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

async function openCluster(
  direct: GroundCluster['direct'],
  name: string,
  namespace: string,
  overrides: Partial<FakeControlPlaneOptions> | false | undefined,
): Promise<GroundCluster> {
  const {kubeconfig, context} = direct
  const controlPlane = {
    systemNamespace: namespace,
    clusterName: context,
    network: `${context}.${namespace}`,
    meshID: 'mesh1',
    rootCert: await rootCert(),
  }
  if (overrides !== false) await fakeControlPlane(kubeconfig, context, {...controlPlane, ...overrides})
  const [api, proxy] = await Promise.all([openApi(kubeconfig, context), startFaultProxy({upstream: direct})])
  await renameContext(proxy.kubeconfig, name)
  return {context: name, cluster: context, api, proxy, direct}
}

/** `writes` and `reset` of a ground. */
function recorder(clusters: readonly GroundCluster[]): Pick<Ground, 'writes' | 'reset'> {
  const offsets = new Map<GroundCluster, number>()
  return {
    writes: () => clusters.flatMap(each => each.proxy.requests.slice(offsets.get(each) ?? 0).filter(isWrite)),
    reset: () => {
      for (const each of clusters) {
        offsets.set(each, each.proxy.requests.length)
        each.proxy.decide = () => 'pass'
      }
    },
  }
}

/** Renames the only context of a kubeconfig. */
async function renameContext(file: string, name: string): Promise<void> {
  const config = load(await readFile(file, 'utf8')) as {contexts: {name: string}[]; 'current-context': string}
  config.contexts[0]!.name = name
  config['current-context'] = name
  await writeFile(file, dump(config), {mode: 0o600})
}
