import {randomBytes} from 'node:crypto'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {exitCodes, MeshError, messageOf, refusedError} from '../../../errors.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import type {Tenant} from '../istio.ts'
import {
  buildTrafficClient,
  buildTrafficServer,
  clientName,
  clientPod,
  type RunningServer,
  serverPod,
  type TrafficSide,
  throwAwayLabel,
  trafficNamespace,
} from './objects-traffic.ts'
import type {TrafficAnswer} from './report-traffic.ts'

/**
 * Makes two throw-away workloads a tenant, lets each ask all, and removes them again, whatever happens meanwhile:
 * a failure, the end of the time, Ctrl-C.
 *
 * @returns one answer a pair of tenants
 */
export async function tryTraffic(
  cluster: Cluster,
  tenants: readonly Tenant[],
  image: string,
  run: VerifyRun,
): Promise<TrafficAnswer[]> {
  const id = randomBytes(3).toString('hex')
  const sides = tenants.map(
    ({name, revision, label}): TrafficSide => ({tenant: name, revision, label, namespace: trafficNamespace(name, id)}),
  )
  const stop = new AbortController()
  const onInterrupt = () => {
    run.terminal.message('stopping; the throw-away namespaces are removed (Ctrl-C again ends at once and leaves them)')
    stop.abort()
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    return await ask(cluster, sides, image, run, stop.signal)
  } catch (error) {
    if (stop.signal.aborted) throw new MeshError({message: 'interrupted'}, exitCodes.interrupted)
    throw error
  } finally {
    await removeAll(cluster, sides, run)
    process.removeListener('SIGINT', onInterrupt)
    process.removeListener('SIGTERM', onInterrupt)
  }
}

async function ask(
  cluster: Cluster,
  sides: readonly TrafficSide[],
  image: string,
  run: VerifyRun,
  signal: AbortSignal,
): Promise<TrafficAnswer[]> {
  const progress = await startProgress(run.terminal, 'making throw-away workloads')
  const waitFrom = (namespace: string, name: string, ready: (pod: KubernetesObject | undefined) => true | string) =>
    waitFor(cluster, {apiVersion: 'v1', kind: 'Pod', namespace, name}, ready, {
      timeoutMs: run.write.timeout,
      signal,
      onProgress: reason => progress.update(`waiting for ${namespace}/${name} · ${reason}`),
    })
  try {
    await Promise.all(
      sides.map(async side => {
        for (const object of buildTrafficServer(side, image)) {
          signal.throwIfAborted()
          await (object.kind === 'Pod' ? applyPod(cluster, object, run, signal) : cluster.apply(object))
        }
      }),
    )
    const servers = await Promise.all(
      sides.map(async (side): Promise<RunningServer> => {
        const pod = await waitFrom(side.namespace, serverPod(side), isRunning)
        return {...side, podIp: statusIn(pod).podIP!}
      }),
    )
    const answers = await Promise.all(
      sides.map(async side => {
        await applyPod(cluster, buildTrafficClient(side, servers, image), run, signal)
        const pod = await waitFrom(side.namespace, clientPod(side), hasEnded)
        return answersIn(messageIn(pod!)!, side.tenant, sides)
      }),
    )
    return answers.flat()
  } finally {
    progress.done()
  }
}

/** A namespace's own account comes a moment after the namespace, and pods are refused until then. */
async function applyPod(cluster: Cluster, pod: KubernetesObject, run: VerifyRun, signal: AbortSignal): Promise<void> {
  const {namespace = ''} = pod.metadata
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'default'}
  await waitFor(cluster, account, object => (object ? true : 'its account is not there yet'), {
    timeoutMs: run.write.timeout,
    signal,
  })
  const made = await cluster.apply(pod)
  const {containers = [], initContainers = []} = made.spec as {
    containers?: {name: string}[]
    initContainers?: {name: string}[]
  }
  if (![...containers, ...initContainers].some(({name}) => name === 'istio-proxy'))
    throw refusedError(
      `a pod in ${namespace} got no sidecar, though its labels ask for one`,
      'kubectl mesh tenant verify (its webhooks)',
    )
}

interface PodStatus {
  phase?: string
  podIP?: string
  containerStatuses?: {
    name: string
    ready?: boolean
    state?: {waiting?: {reason?: string; message?: string}; terminated?: {message?: string; exitCode?: number}}
  }[]
}

function statusIn(pod: KubernetesObject | undefined): PodStatus {
  return (pod?.status ?? {}) as PodStatus
}

function isRunning(pod: KubernetesObject | undefined): true | string {
  const {containerStatuses = [], phase = 'Pending', podIP} = statusIn(pod)
  if (podIP && containerStatuses.length > 0 && containerStatuses.every(({ready}) => ready)) return true
  return containerStatuses.find(({state}) => state?.waiting?.reason)?.state?.waiting?.reason ?? phase
}

function hasEnded(pod: KubernetesObject | undefined): true | string {
  if (messageIn(pod) !== undefined) return true
  const {containerStatuses = [], phase = 'Pending'} = statusIn(pod)
  return containerStatuses.find(({state}) => state?.waiting?.reason)?.state?.waiting?.reason ?? phase
}

function messageIn(pod: KubernetesObject | undefined): string | undefined {
  const terminated = statusIn(pod).containerStatuses?.find(({name}) => name === clientName)?.state?.terminated
  return terminated && (terminated.message ?? '')
}

/** Of several ways to ask one server the one counts that was answered. Of what did not say, nothing is known: an error. */
function answersIn(message: string, from: string, sides: readonly TrafficSide[]): TrafficAnswer[] {
  const lines = message.split('\n').map(line => line.trim().split(' '))
  return sides.map(({tenant: to}) => {
    const codes = lines.filter(([tenant]) => tenant === to).map(([, code]) => Number(code || Number.NaN))
    if (codes.length === 0 || codes.some(Number.isNaN))
      throw refusedError(
        `the workload of ${from} did not say what it got from ${to}`,
        'is --traffic-image one with sh and curl?',
      )
    return {from, to, code: codes.includes(200) ? 200 : Math.max(...codes)}
  })
}

/** Removes the throw-away namespaces, also those that a killed run has left; what can't be removed is told, and not thrown over the result. */
async function removeAll(cluster: Cluster, sides: readonly TrafficSide[], run: VerifyRun): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Namespace'}
  const tenants = sides.map(({tenant}) => tenant).join(',')
  try {
    const found = await cluster.list(kind, {labelSelector: `${throwAwayLabel} in (${tenants})`})
    await Promise.all(found.map(({metadata: {name}}) => cluster.delete({...kind, name})))
  } catch (error) {
    run.terminal.message(
      `warning: throw-away namespaces may be left: ${messageOf(error)}\nhint:  kubectl delete namespace -l ${throwAwayLabel}`,
    )
  }
}
