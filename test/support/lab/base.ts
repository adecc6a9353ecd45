import {isIP} from 'node:net'
import {join} from 'node:path'
import {labCache, labFolder} from '../binaries.ts'
import {findFreePorts} from '../ports.ts'
import {type Ran, type RunOptions, run, runOk} from '../run.ts'

/** What `startLab` made. */
export interface LabSetup {
  dir: string
  clusters: readonly string[]
  env: {PATH: string; KUBECONFIG: string; DP_PREFIX: string}
  stop: () => Promise<void>
}

/** Which control plane an istiod is. */
export interface IstiodOptions {
  /** Tells istiods of one cluster apart; 1 without it. The same again replaces what runs. */
  index?: number
  /** Env CLUSTER_ID; the cluster's name in the lab without it. */
  clusterName?: string
  /** `istio-system` without it. */
  systemNamespace?: string
  /** `default` without it. */
  revision?: string
  /** More environment. */
  env?: Record<string, string>
}

/** A running istiod; addresses are good inside the lab's network only (`lab.run`). */
export interface Istiod {
  clusterName: string
  /** Plaintext xDS, `host:port`. */
  xds: string
  /** xDS with TLS and istiod's CA, `host:port`. */
  secure: string
  /** `http://host:port` of `/ready`, `/debug/…`. */
  http: string
}

/** As which proxy istiod is asked; see `adsq -h`. */
export interface AskOptions {
  network?: string
  /** CLUSTER_ID of the proxy; without it the asked istiod's own, if that is known. */
  cluster?: string
  namespace?: string
  type?: 'sidecar' | 'router'
  ip?: string
  labels?: Record<string, string>
  /** `region/zone/subzone`. */
  locality?: string
  /** Only clusters whose name contains this. */
  grep?: string
  /** Also whole listeners, clusters and routes. */
  raw?: boolean
  autoregisterGroup?: string
  /** More metadata of the proxy. */
  meta?: Record<string, unknown>
  /** Stay connected so long before answering: `10s`. */
  hold?: string
  /** mTLS with a certificate for this token (file): ask `secure`, with `root` (file) and `san`. */
  token?: string
  root?: string
  san?: string
}

/** One endpoint as a proxy is told it. */
export interface Endpoint {
  address: string
  port: number
  priority: number
  locality: string
  weight: number
  health: string
  /** `istio` when it is to be called with mTLS, else empty. */
  tls: string
}

/** What a proxy is told. */
export interface Answer {
  /** By Envoy cluster: `outbound|5000||helloworld.sample.svc.cluster.local`. */
  endpoints: Record<string, Endpoint[]>
  clusters: string[]
  listeners: string[]
  raw?: {clusters: Record<string, unknown>; listeners: Record<string, unknown>; routes: Record<string, unknown>}
}

/** Ports that a host istiod takes, from its first on: see test/lab/istiod.sh. */
const istiodPorts = 9

/** Real clusters on this machine. Made by `startLab`. Methods throw when a command fails, with what it said. */
export class Lab {
  readonly dir: string
  readonly clusters: readonly string[]
  /** File (0600) with one context a cluster. */
  readonly kubeconfig: string
  /** Environment of every command: `KUBECONFIG`, and the lab's binaries on `PATH`. */
  readonly env: {PATH: string; KUBECONFIG: string; DP_PREFIX: string}
  /** Ends everything and removes all files. */
  readonly stop: () => Promise<void>
  /** The last istiod started in each cluster. */
  protected readonly istiods = new Map<string, Istiod>()
  private readonly ports = new Map<string, number>()

  constructor(setup: LabSetup) {
    this.dir = setup.dir
    this.clusters = setup.clusters
    this.env = setup.env
    this.kubeconfig = setup.env.KUBECONFIG
    this.stop = setup.stop
  }

  /** The command line that runs `argv` where the clusters can be reached; to be run with `lab.env`. */
  command(argv: readonly string[]): string[] {
    return [...argv]
  }

  /** Runs a command where the clusters can be reached, ours for example: `['node', 'bin/run.js', …]`. Any exit code is an answer. */
  run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(this.command(argv), {...options, env: {...this.env, ...options.env}})
  }

  /** As `run`, but gives stdout, and throws when the exit code is not 0. */
  runOk(argv: readonly string[], options: RunOptions = {}): Promise<string> {
    return runOk(this.command(argv), {...options, env: {...this.env, ...options.env}})
  }

  /** kubectl as admin of one cluster. */
  kubectl(cluster: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.runOk(['kubectl', '--kubeconfig', this.kubeconfigOf(cluster), ...args], options)
  }

  /** istioctl; `--context` chooses the cluster, the first one without it. */
  istioctl(args: readonly string[], options: RunOptions = {}): Promise<string> {
    return this.runOk(['istioctl', ...args], options)
  }

  /** The kubeconfig of one cluster alone. */
  kubeconfigOf(cluster: string): string {
    return join(this.dir, cluster, 'kubeconfig')
  }

  /** Installs Istio's CustomResourceDefinitions. */
  async installCrds(cluster: string): Promise<void> {
    const file = join(labCache().share, 'crds.yaml')
    await this.kubectl(cluster, ['apply', '--server-side', '--force-conflicts', '-f', file])
    await this.kubectl(cluster, ['wait', '--for=condition=Established', '--timeout=30s', '-f', file])
  }

  /** Starts (or restarts: it reads the Secret `cacerts` at its start) an istiod for a cluster, and waits until it is ready. */
  async istiod(cluster: string, options: IstiodOptions = {}): Promise<Istiod> {
    const {index = 1, clusterName = cluster} = options
    const key = `${cluster}/${index}`
    const port = this.ports.get(key) ?? (await findFreePorts(istiodPorts))
    this.ports.set(key, port)
    const script = join(labFolder, 'istiod.sh')
    await this.runOk([script, this.dir, cluster, String(port), ...istiodEnv(clusterName, options)])
    const host = '127.0.0.1'
    return this.remember(cluster, {
      clusterName,
      xds: `${host}:${port}`,
      secure: `${host}:${port + 2}`,
      http: `http://${host}:${port + 8}`,
    })
  }

  /** Asks an istiod (by cluster: the last one started there; or by `host:port`) what a proxy would be told. Takes 1 to 15 s. */
  async ask(target: string, options: AskOptions = {}): Promise<Answer> {
    const istiod = this.istiods.get(target)
    if (!istiod && this.clusters.includes(target)) throw new Error(`no istiod runs in ${target}`)
    const addr = istiod ? (options.token ? istiod.secure : istiod.xds) : target
    return JSON.parse(
      await this.runOk(['adsq', '-addr', addr, ...askFlags({cluster: istiod?.clusterName, ...options})]),
    ) as Answer
  }

  /** What a pod answers: a port of it leads to a port of this machine's loopback, and commands in it run here (kwok's PortForward and Exec). */
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

  /** Writes a Service's load balancer address (an IP or a host name), as a cloud would. */
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

/** `KEY=VALUE` arguments of the istiod scripts. */
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
