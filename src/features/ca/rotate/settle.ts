import {setTimeout as sleep} from 'node:timers/promises'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import {exitCodes, MeshError} from '../../../errors.ts'
import type {Certificate} from '../../../pki/read.ts'
import type {Run} from '../../../run/run.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import {someOf} from '../../../text/count.ts'
import {formatDuration} from '../../../text/duration.ts'
import {waitForSigners} from '../change/wait-for-signers.ts'
import {trustProblem} from './istio-proxy.ts'
import {type Goal, nameOf, type Stage} from './istio-stages.ts'
import type {RotationMember} from './read.ts'
import {proxyProblems, readMeshProxies} from './read-proxies.ts'

const pollMs = 2000

/** A stage of a cluster, and what it means there. */
export interface Settling {
  stage: Stage
  goal: Goal
  /** The CA in `cacerts`. */
  ca: Certificate
}

/**
 * Waits until the istiods of a cluster sign with the CA of a stage, and every proxy holds what the stage requires. Each proxy is asked
 * itself, through the admin interface of Envoy: istiod does not know which certificates a proxy holds.
 *
 * @returns the number of proxies
 * @throws MeshError (exit 3) after `--timeout`; the reason of the signal if the run is interrupted
 */
export async function settle(member: RotationMember, {stage, goal, ca}: Settling, run: Run): Promise<number> {
  const {name, cluster, systemNamespace} = member
  const istiods = await waitForSigners(member, ca, run)
  const deadline = performance.now() + run.write.timeout
  const about = `${name}: stage ${nameOf(stage)}`
  const progress = await startProgress(run.terminal, `${about}: asking proxies for their certificates`)
  const complete = new Set<string>()
  try {
    for (;;) {
      const proxies = await inCluster(name, () => readMeshProxies(cluster, systemNamespace))
      const open = proxies.filter(one => !complete.has(keyOf(one)))
      const problems = await inCluster(name, () => proxyProblems(cluster, open, goal))
      const incomplete = new Set(problems.map(({proxy}) => keyOf(proxy)))
      for (const proxy of open) if (!incomplete.has(keyOf(proxy))) complete.add(keyOf(proxy))
      const distributed = istiods === 0 ? undefined : await inCluster(name, () => distributionProblem(member, goal))
      if (problems.length === 0 && distributed === undefined) return proxies.length
      const text =
        distributed ??
        `${problems.length} of ${proxies.length} proxies not ready: ${someOf(problems.map(({problem}) => problem))}`
      if (performance.now() > deadline) throw unsettled(`${about}: after ${formatDuration(run.write.timeout)}, ${text}`)
      progress.update(`${about}: ${text}`)
      await sleep(pollMs, undefined, {signal: run.signal}).catch(() => run.signal.throwIfAborted())
    }
  } finally {
    progress.done()
  }
}

/** The roots that istiod distributes show that it has read \`cacerts\`, also where no proxy runs. */
async function distributionProblem(
  {cluster, systemNamespace}: RotationMember,
  goal: Goal,
): Promise<string | undefined> {
  const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace: systemNamespace, name: 'istio-ca-root-cert'}
  const {data = {}} = ((await cluster.get(ref)) ?? {}) as {data?: Record<string, string>}
  return trustProblem(data['root-cert.pem'] ?? '', goal) && 'istiod does not distribute the roots of this stage yet'
}

function keyOf({namespace, name}: {namespace: string; name: string}): string {
  return `${namespace}/${name}`
}

function unsettled(message: string): MeshError {
  const hints = [
    'a restart replaces the certificates of a workload at once: kubectl rollout restart',
    'proxies are read by port-forward, which needs the permission to create pods/portforward in their namespaces',
  ]
  return new MeshError({message, hints}, exitCodes.refused)
}
