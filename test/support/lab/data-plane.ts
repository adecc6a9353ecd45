import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {labFolder} from '../binaries.ts'
import type {Ran, RunOptions} from '../run.ts'
import {run, runOk} from '../run.ts'
import {type Istiod, type IstiodOptions, Lab, type LabSetup} from './base.ts'

const folder = join(labFolder, 'dataplane')

/** What `real()` started. */
export interface StartedPods {
  /** Network namespaces of the pods. */
  pods: string[]
  /** Assigned load balancer addresses, by `name.namespace`. */
  services: Record<string, string>
}

/**
 * A lab with real traffic: pods with sidecars (pilot-agent and Envoy) in network namespaces. They are reachable only in the
 * network of the lab, in which `run`, `kubectl` and other methods run. test/lab/README.md describes the network.
 */
export class DataPlaneLab extends Lab {
  private readonly prefix: string

  constructor(setup: LabSetup, prefix: string) {
    super(setup)
    this.prefix = prefix
  }

  override command(argv: readonly string[]): string[] {
    // in.sh does the same, but starts a second shell for each command.
    return ['nsenter', `--net=/run/netns/${this.prefix}-host`, ...argv]
  }

  /** Starts istiod with the arguments, environment and IP address of the pod of its Deployment. A second call restarts it. */
  override async istiod(cluster: string, options: IstiodOptions = {}): Promise<Istiod> {
    const {clusterName = cluster, systemNamespace = 'istio-system', revision = 'default', binary, env} = options
    const args = Object.entries(env ?? {}).map(([key, value]) => `${key}=${value}`)
    const out = await this.script('istiod.sh', [this.dir, cluster, ...args], {
      env: {NS: systemNamespace, REV: revision, ...(binary === undefined ? {} : {PILOT_DISCOVERY: binary})},
    })
    const ip = lastLine(out)
    return this.remember(cluster, {clusterName, xds: `${ip}:15010`, secure: `${ip}:15012`, http: `http://${ip}:8080`})
  }

  /**
   * Starts the processes of a pod, and waits until an injected sidecar is ready.
   *
   * @param pod name or `label=value`
   * @param app the command to run (default: `hello.py` on each containerPort, which returns the label `version` of the pod)
   * @returns the network namespace
   */
  async pod(cluster: string, namespace: string, pod: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('pod.sh', [this.dir, cluster, namespace, pod, ...app]))
  }

  /** Starts all injected pods that do not run yet, and assigns addresses to LoadBalancer Services without one. */
  async real(cluster: string): Promise<StartedPods> {
    const lines = (await this.script('real.sh', [this.dir, cluster])).split('\n').map(line => line.split(' '))
    return {
      pods: lines.filter(([kind]) => kind === 'pod').map(([, netns]) => netns!),
      services: Object.fromEntries(lines.filter(([kind]) => kind === 'service').map(([, name, ip]) => [name!, ip!])),
    }
  }

  /** Assigns a load balancer address (in 203.0.113.0/24, from .20) to a Service, and forwards its ports to one pod. */
  async loadBalancer(cluster: string, namespace: string, service: string, ip: string, pod: string): Promise<void> {
    await this.script('lb.sh', [this.dir, cluster, namespace, service, ip, pod])
  }

  /** Updates the hosts files of the pods. Required for Services that are created after the pods are started. */
  async updateHosts(cluster: string): Promise<void> {
    await this.script('hosts.sh', [this.dir, cluster])
  }

  /** Starts a VM outside the clusters from the files of a VM bundle. Returns its network namespace. */
  async vm(name: string, ip: string, files: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('vm.sh', [this.dir, name, ip, files, ...app]))
  }

  /** Starts a VM outside the clusters with a separate root file system, and runs install.sh of a VM bundle in it. */
  async machine(name: string, ip: string, bundle: string, app: readonly string[] = []): Promise<string> {
    return lastLine(await this.script('vm-bundle.sh', [this.dir, name, ip, bundle, ...app]))
  }

  /** Stops all processes of such a VM, empties its tmpfs and starts it again. */
  async rebootMachine(name: string): Promise<void> {
    await this.script('vm-bundle.sh', [this.dir, name])
  }

  /** Path of the root file system of such a VM. */
  rootOf(name: string): string {
    return join(this.dir, 'vm', name, 'root')
  }

  /** Runs a command in the network namespace of a pod or VM. Resolves whatever the exit code. */
  exec(netns: string, argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return run(['ip', 'netns', 'exec', netns, ...argv], {...options, env: {...this.env, ...options.env}})
  }

  /**
   * Sends a signal to processes in the network namespace of a pod.
   *
   * @param named only to processes of this program (default: to all)
   */
  async signal(netns: string, signal: 'KILL' | 'TERM' | 'STOP' | 'CONT', named = ''): Promise<void> {
    const pids = (await runOk(['ip', 'netns', 'pids', netns])).split('\n').filter(Boolean)
    for (const pid of pids) {
      const program = await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => undefined)
      if (program?.startsWith(named)) process.kill(Number(pid), `SIG${signal}`)
    }
  }

  /** Sends requests from a pod and counts the responses: `{v1: 9, v2: 11}`. Failures are `code=503` or `curl: (28) …`. */
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
