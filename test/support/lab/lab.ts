import {spawn} from 'node:child_process'
import {mkdtemp} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {buildLab, labFolder} from '../binaries.ts'
import {findFreePorts} from '../ports.ts'
import {run, runOk} from '../run.ts'
import {Lab, type LabSetup} from './base.ts'
import {DataPlaneLab} from './data-plane.ts'
import {writeGatewayStages} from './gateway-pods.ts'

export type {Answer, AskOptions, Endpoint, Istiod, IstiodOptions, ZtunnelAnswer} from './base.ts'
export {DataPlaneLab, Lab}

/** Options of `startLab`. */
export interface LabOptions {
  /** Names of the clusters and of their contexts. */
  clusters: readonly string[]
  /** Run sidecars and real traffic in network namespaces. Requires root and iptables. */
  dataplane?: boolean
  /** The pods of east-west gateways become ready and end only as `playGatewayPods` plays them. */
  playedGateways?: boolean
}

let count = 0

/**
 * Starts clusters with etcd, kube-apiserver, controller-manager, scheduler, and kwok instead of kubelets. Missing binaries are
 * built first. With `dataplane`, everything runs in network namespaces whose names begin with a prefix of this process.
 *
 * A guard process stops all processes and removes all files on `stop()`, and when this process ends for any reason.
 */
export async function startLab(options: LabOptions & {dataplane: true}): Promise<DataPlaneLab>
export async function startLab(options: LabOptions): Promise<Lab>
export async function startLab({clusters, dataplane = false, playedGateways}: LabOptions): Promise<Lab> {
  const {bin} = await buildLab('all')
  const dir = await mkdtemp(join(tmpdir(), 'kubectl-mesh-lab-'))
  const scripts = dataplane ? join(labFolder, 'dataplane') : labFolder
  count += 1
  const prefix = `mesh${process.pid}x${count}`
  const env = {
    DP_PREFIX: prefix,
    PATH: `${bin}:${process.env.PATH}`,
    KUBECONFIG: join(dir, 'kubeconfig'),
    // Labs have the same addresses one after the other, and kubectl caches for hours what an address serves.
    KUBECACHEDIR: join(dir, 'kube-cache'),
  }
  const stop = startGuard(join(scripts, 'down.sh'), dir, env)
  const port = dataplane ? 16_440 : await findFreePorts(4 * clusters.length)
  try {
    const kwok = playedGateways ? {LAB_KWOK: await writeGatewayStages(dir)} : {}
    await runOk([join(scripts, 'up.sh'), dir, ...clusters], {env: {...env, ...kwok, LAB_PORT: String(port)}})
  } catch (error) {
    await stop()
    throw error
  }
  const setup: LabSetup = {dir, clusters, env, stop}
  return dataplane ? new DataPlaneLab(setup, prefix) : new Lab(setup)
}

/** Why this machine cannot run a data plane (root, network namespaces and iptables are required). Undefined if it can. */
export async function whyNoDataPlane(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'network namespaces require root'
  const probe = await run(['unshare', '--net', 'iptables', '-t', 'nat', '-L'])
  return probe.code === 0
    ? undefined
    : `iptables failed in a network namespace: ${probe.stderr.trim()} (hint: test/lab/prepare.sh)`
}

/** Starts a process that cleans up when its stdin ends. Returns a function that ends stdin and waits for the process. */
function startGuard(down: string, dir: string, env: Record<string, string>): () => Promise<void> {
  const guard = spawn('sh', ['-c', 'cat >/dev/null; "$0" "$1"; rm -rf "$1"', down, dir], {
    detached: true,
    env: {...process.env, ...env},
    stdio: ['pipe', 'ignore', 'inherit'],
  })
  const ended = new Promise<void>(resolve => guard.once('exit', () => resolve()))
  guard.unref()
  return async () => {
    guard.ref()
    guard.stdin.end()
    await ended
  }
}
