import {isIP} from 'node:net'
import {join} from 'node:path'
import {labCache, labFolder} from '../binaries.ts'
import {findFreePorts} from '../ports.ts'
import {type Ran, type RunOptions, run, runOk} from '../run.ts'
import {oldIstiod, usesOldIstiod} from './tools.ts'

/** A started lab. */
export interface LabSetup {
  dir: string
  clusters: readonly string[]
  env: {PATH: string; KUBECONFIG: string; DP_PREFIX: string}
  stop: () => Promise<void>
}

/** Properties of an istiod. */
export interface IstiodOptions {
  /** Number of the istiod in its cluster (default 1). A running istiod with this number is replaced. */
  index?: number
  /** Environment variable CLUSTER_ID (default: the name of the cluster in the lab). */
  clusterName?: string
  /** Default `istio-system`. */
  systemNamespace?: string
  /** Default `default`. */
  revision?: string
  /** Path of another istiod (default: that of the lab; the old one with `LAB_ISTIOD=old`, in the project e2e-old). */
  binary?: string
  /** Further environment variables. */
  env?: Record<string, string>
}

/** A running istiod. Its addresses are reachable only in the network of the lab (`lab.run`). */
export interface Istiod {
  clusterName: string
  /** Plaintext xDS, `host:port`. */
  xds: string
  /** xDS with TLS and istiod's CA, `host:port`. */
  secure: string
  /** `http://host:port` of `/ready`, `/debug/…`. */
  http: string
}

/** The proxy for which istiod is queried; see `adsq -h`. */
export interface AskOptions {
  network?: string
  /** CLUSTER_ID of the proxy (default: that of the istiod, if it is known). */
  cluster?: string
  namespace?: string
  type?: 'sidecar' | 'router' | 'waypoint'
  ip?: string
  labels?: Record<string, string>
  /** `region/zone/subzone`. */
  locality?: string
  /** Return only clusters whose name contains this text. */
  grep?: string
  /** Also return complete listeners, clusters and routes. */
  raw?: boolean
  autoregisterGroup?: string
  /** Further metadata of the proxy. */
  meta?: Record<string, unknown>
  /** How long to stay connected before returning: `10s`. */
  hold?: string
  /** Path of a token: connect to `secure` with mTLS and a certificate for this token, using `root` (path) and `san`. */
  token?: string
  root?: string
  san?: string
}

/** An endpoint in the configuration of a proxy. */
export interface Endpoint {
  address: string
  port: number
  priority: number
  locality: string
  weight: number
  health: string
  /** `istio` if the proxy uses mTLS for the endpoint, otherwise empty. */
  tls: string
}

/** The configuration that istiod sends to a proxy. */
export interface Answer {
  /** By Envoy cluster: `outbound|5000||helloworld.sample.svc.cluster.local`. */
  endpoints: Record<string, Endpoint[]>
  clusters: string[]
  listeners: string[]
  raw?: {clusters: Record<string, unknown>; listeners: Record<string, unknown>; routes: Record<string, unknown>}
}

/** A Service as istiod describes it to a ztunnel. */
export interface ZtunnelService {
  /** Virtual addresses, as `NETWORK/IP`. */
  addresses: string[]
  /** SPIFFE IDs of its workloads in other networks. */
  sans: string[]
  waypoint: string
}

/** A workload as istiod describes it to a ztunnel. */
export interface ZtunnelWorkload {
  name: string
  namespace: string
  serviceAccount: string
  cluster: string
  network: string
  addresses: string[]
  /** `HBONE` or `NONE`. */
  protocol: string
  /** Number of workloads for which this one stands; 0 for itself. */
  capacity: number
  /** `NETWORK/IP:PORT` or `NAMESPACE/HOST:PORT` of the gateway of its network. */
  gateway: string
  /** As `NAMESPACE/HOST`. */
  services: string[]
  trustDomain: string
}

/** What istiod sends to a ztunnel. */
export interface ZtunnelAnswer {
  /** By `NAMESPACE/HOST`. */
  services: Record<string, ZtunnelService>
  /** By unique ID. */
  workloads: Record<string, ZtunnelWorkload>
}

/** Number of consecutive ports that an istiod on the host uses: see test/lab/istiod.sh. */
const istiodPorts = 9

/** Real clusters on this machine, started by `startLab`. Methods reject with the output of a command that fails. */
export class Lab {
  readonly dir: string
  readonly clusters: readonly string[]
  /** Path of a kubeconfig (mode 0600) with one context per cluster. */
  readonly kubeconfig: string
  /** The environment of all commands: `KUBECONFIG`, and `PATH` with the lab's binaries. */
  readonly env: {PATH: string; KUBECONFIG: string; DP_PREFIX: string}
  /** Stops all processes and removes all files. */
  readonly stop: () => Promise<void>
  /** The istiod that was started last, by cluster. */
  protected readonly istiods = new Map<string, Istiod>()
  private readonly ports = new Map<string, number>()

  constructor(setup: LabSetup) {
    this.dir = setup.dir
    this.clusters = setup.clusters
    this.env = setup.env
    this.kubeconfig = setup.env.KUBECONFIG
    this.stop = setup.stop
  }

  /** The command line that runs `argv` in the network of the clusters. Run it with `lab.env`. */
  command(argv: readonly string[]): string[] {
    return [...argv]
  }

  /** Runs a command in the network of the clusters, such as `['node', 'bin/run.js', …]`. Resolves whatever the exit code. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(this.command(argv), {...options, env: {...this.env, ...options.env}})
  }

  /** Runs a command like `run`, and returns its stdout. Rejects if the exit code is not 0. */
  runOk(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return runOk(this.command(argv), {...options, env: {...this.env, ...options.env}})
  }

  /** Runs kubectl as an administrator of a cluster, and returns its stdout. */
  kubectl(cluster: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.runOk(['kubectl', '--kubeconfig', this.kubeconfigOf(cluster), ...args], options)
  }

  /** Runs istioctl. `--context` selects the cluster (default: the first one). */
  istioctl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.runOk(['istioctl', ...args], options)
  }

  /** Path of a kubeconfig with one cluster only. */
  kubeconfigOf(cluster: string): string {
    return join(this.dir, cluster, 'kubeconfig')
  }

  /** Installs Istio's CustomResourceDefinitions. */
  async installCrds(cluster: string): Promise<void> {
    const file = join(labCache().share, 'crds.yaml')
    await this.kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', file])
    await this.kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=30s', '-f', file])
  }

  /** Installs the CustomResourceDefinitions of the Gateway API (standard channel). An istiod that starts later reads them. */
  async installGatewayCrds(cluster: string): Promise<void> {
    const file = join(labCache().share, 'gateway-crds.yaml')
    await this.kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', file])
    await this.kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=30s', '-f', file])
  }

  /** Starts or restarts an istiod for a cluster, and waits until it is ready. It reads the Secret `cacerts` at its start. */
  async istiod(cluster: string, options: IstiodOptions = {}): Promise<Istiod> {
    const {index = 1, clusterName = cluster} = options
    const key = `${cluster}/${index}`
    const port = this.ports.get(key) ?? (await findFreePorts(istiodPorts))
    this.ports.set(key, port)
    const script = join(labFolder, 'istiod.sh')
    const {binary = usesOldIstiod ? oldIstiod(labFolder) : undefined} = options
    const other = binary === undefined ? {} : {PILOT_DISCOVERY: binary}
    await this.runOk([script, this.dir, cluster, String(port), ...istiodEnv(clusterName, options)], {env: other})
    const host = '127.0.0.1'
    return this.remember(cluster, {
      clusterName,
      xds: `${host}:${port}`,
      secure: `${host}:${port + 2}`,
      http: `http://${host}:${port + 8}`,
    })
  }

  /**
   * Queries the configuration that an istiod sends to a proxy, which takes 1 to 15 s.
   *
   * @param target a cluster, which means its last istiod, or `host:port`
   */
  async ask(target: string, options: AskOptions = {}, how: RunOptions = {}): Promise<Answer> {
    const istiod = this.istiods.get(target)
    if (!istiod && this.clusters.includes(target)) throw new Error(`istiod is not running in ${target}`)
    const addr = istiod ? (options.token ? istiod.secure : istiod.xds) : target
    return JSON.parse(
      await this.runOk(['adsq', '-addr', addr, ...askFlags({cluster: istiod?.clusterName, ...options})], how),
    ) as Answer
  }

  /** Queries what the last istiod of a cluster sends to the ztunnel of a node: all services and workloads (delta ADS). */
  async askZtunnel(cluster: string, network: string): Promise<ZtunnelAnswer> {
    const istiod = this.istiods.get(cluster)
    if (!istiod) throw new Error(`istiod is not running in ${cluster}`)
    const flags = askFlags({cluster: istiod.clusterName, network, namespace: 'istio-system'})
    return JSON.parse(await this.runOk(['adsq', '-addr', istiod.xds, '-type', 'ztunnel', ...flags])) as ZtunnelAnswer
  }

  /** Makes kwok forward a port of a pod to a port on loopback, and run commands in the pod on this machine. */
  async forward(cluster: string, pod: {namespace: string; name: string}, port: number, local: number): Promise<void> {
    const metadata = pod
    const apiVersion = 'kwok.x-k8s.io/v1alpha1'
    const forwards = [{ports: [port], target: {address: '127.0.0.1', port: local}}]
    const items = [
      {apiVersion, kind: 'PortForward', metadata, spec: {forwards}},
      {apiVersion, kind: 'Exec', metadata, spec: {execs: [{local: {workDir: this.dir}}]}},
    ]
    await this.kubectl(cluster, ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
  }

  /** Sets the load balancer address of a Service, an IP address or a hostname, like a cloud provider. */
  async setAddress(cluster: string, namespace: string, service: string, address: string): Promise<void> {
    const ingress = [isIP(address) ? {ip: address} : {hostname: address}]
    const patch = JSON.stringify({status: {loadBalancer: {ingress}}})
    await this.kubectl(cluster, [
      '-n',
      namespace,
      'patch',
      'service',
      service,
      '--subresource=status',
      '--type=merge',
      '-p',
      patch,
    ])
  }

  protected remember(cluster: string, istiod: Istiod): Istiod {
    this.istiods.set(cluster, istiod)
    return istiod
  }
}

/** `KEY=VALUE` arguments for the scripts that start istiod. */
function istiodEnv(clusterName: string, {systemNamespace, revision, env}: IstiodOptions): string[] {
  const all = {
    CLUSTER_ID: clusterName,
    POD_NAMESPACE: systemNamespace ?? 'istio-system',
    REVISION: revision ?? 'default',
    ...env,
  }
  return Object.entries(all).map(([key, value]) => `${key}=${value}`)
}

function askFlags(options: AskOptions): string[] {
  const labels = options.labels && Object.entries(options.labels).map(([key, value]) => `${key}=${value}`)
  const flags: Record<string, string | undefined> = {
    network: options.network,
    cluster: options.cluster,
    ns: options.namespace,
    type: options.type,
    ip: options.ip,
    labels: labels?.join(','),
    locality: options.locality,
    grep: options.grep,
    'autoregister-group': options.autoregisterGroup,
    meta: options.meta && JSON.stringify(options.meta),
    hold: options.hold,
    token: options.token,
    root: options.root,
    san: options.san,
  }
  const given = Object.entries(flags).flatMap(([flag, value]) => (value === undefined ? [] : [`-${flag}`, value]))
  return options.raw ? [...given, '-raw'] : given
}
