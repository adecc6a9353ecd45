import {join} from 'node:path'
import {labFolder} from '../binaries.ts'
import {type Istiod, type IstiodOptions, Lab, type LabSetup} from './base.ts'
import type {Ran, RunOptions} from '../run.ts'
import {run, runOk} from '../run.ts'

const folder = join(labFolder, 'dataplane')

/** What `real()` made real. */
export interface MadeReal {
  /** Network namespaces of pods. */
  pods: string[]
  /** Load balancer addresses given, by `name.namespace`. */
  services: Record<string, string>
}

/**
 * A lab with real traffic: pods with their sidecars (pilot-agent and Envoy) in network namespaces. Everything is reached from
 * inside only: `run`, `kubectl`, … do so. See test/lab/README.md for the network and for what is played.
 */
export class DataPlaneLab extends Lab {
  private readonly prefix: string

  constructor(setup: LabSetup, prefix: string) {
    super(setup)
    this.prefix = prefix
  }

  override command(argv: readonly string[]): string[] {
    // in.sh would do, but a second shell for each command costs time
    return ['nsenter', `--net=/run/netns/${this.prefix}-host`, ...argv]
  }

  /** Becomes the istiod pod of the Deployment that is installed: its args and env, on its IP. A second call restarts it. */
  override async istiod(cluster: string, options: IstiodOptions = {}): Promise<Istiod> {
    const {clusterName = cluster, systemNamespace = 'istio-system', revision = 'default', env} = options
    const args = Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`)
    const out = await this.script('istiod.sh', [this.dir, cluster, ...args], {
      env: {NS: systemNamespace, REV: revision},
    })
    const ip = lastLine(out)
    return this.remember(cluster, {clusterName, xds: `${ip}:15010`, secure: `${ip}:15012`, http: `http://${ip}:8080`})
  }

  /**
   * Makes one pod real (by name or `label=value`), with its sidecar if it was injected, and waits until that is ready. Its app
   * is `hello.py` on each containerPort, which answers with the pod's label `version`, or `app`. Gives the network namespace.
   */
  async pod(cluster: string, namespace: string, pod: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('pod.sh', [this.dir, cluster, namespace, pod, ...app]))
  }

  /** Makes every injected pod real that is not yet, and gives every LoadBalancer Service an address that has none. */
  async real(cluster: string): Promise<MadeReal> {
    const lines = (await this.script('real.sh', [this.dir, cluster])).split('\n').map(line => line.split(' '))
    return {
      pods: lines.filter(([kind]) => kind === 'pod').map(([, netns]) => netns!),
      services: Object.fromEntries(lines.filter(([kind]) => kind === 'service').map(([, name, ip]) => [name!, ip!])),
    }
  }

  /** Gives a Service a chosen load balancer address (in 203.0.113.0/24, from .20 on) and sends its ports to one pod. */
  async loadBalancer(cluster: string, namespace: string, service: string, ip: string, pod: string): Promise<void> {
    await this.script('lb.sh', [this.dir, cluster, namespace, service, ip, pod])
  }

  /** Rewrites the pods' hosts files; needed for Services made after the pods became real. */
  async updateHosts(cluster: string): Promise<void> {
    await this.script('hosts.sh', [this.dir, cluster])
  }

  /** A VM outside the clusters, from the files of a VM bundle; gives its network namespace. */
  async vm(name: string, ip: string, files: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('vm.sh', [this.dir, name, ip, files, ...app]))
  }

  /** A VM outside the clusters that is installed by the bundle's own install.sh, in a root file system of its own. */
  async machine(name: string, ip: string, bundle: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('vm-bundle.sh', [this.dir, name, ip, bundle, ...app]))
  }

  /** Ends all that runs on such a VM, empties its tmpfs and starts it again. */
  async rebootMachine(name: string): Promise<void> {
    await this.script('vm-bundle.sh', [this.dir, name])
  }

  /** The root file system of such a VM. */
  rootOf(name: string): string {
    return join(this.dir, 'vm', name, 'root')
  }

  /** Runs a command in a pod's or VM's network namespace. Any exit code is an answer. */
  exec(netns: string, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(['ip', 'netns', 'exec', netns, ...argv], {...options, env: {...this.env, ...options.env}})
  }

  /** Sends `times` requests from a pod and counts the answers: `{v1: 9, v2: 11}`; failures as `code=503` or `curl: (28) …`. */
  async count(netns: string, times: number, url: string): Promise<Record<string, number>> {
    const out = await runOk([join(folder, 'count.sh'), netns, String(times), url], {env: this.env})
    const lines = out.split('\n').filter(Boolean)
    return Object.fromEntries(lines.map(line => [line.slice(line.indexOf(' ') + 1), Number.parseInt(line, 10)]))
  }

  private script(name: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
    return runOk([join(folder, name), ...args], {...options, env: {...this.env, ...options.env}})
  }
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? ''
}
