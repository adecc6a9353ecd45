import {randomBytes} from 'node:crypto'
import {allOrNone} from '../../../engine/cluster/all-or-none.ts'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {withAssignedUsers} from '../../../engine/kubernetes/pod-security.ts'
import {exitCodes, MeshError, messageOf, refusedError} from '../../../errors.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import type {Tenant} from '../istio.ts'
import {
  buildTrafficClient,
  buildTrafficServer,
  clientPod,
  isTrafficNamespace,
  type RunningServer,
  serverPod,
  type TrafficSide,
  temporaryLabel,
  trafficNamespace,
} from './objects-traffic.ts'
import type {TrafficAnswer} from './report-traffic.ts'
import {answersIn, clientMessage, hasEnded, isRunning, podIpOf} from './traffic-pods.ts'

/**
 * Creates a server and a client for each tenant, sends requests from each client to all servers, and deletes the
 * temporary namespaces, even after a failure, a timeout or Ctrl-C.
 *
 * @param image image of the temporary workloads
 * @returns one result per client and server
 * @throws MeshError (exit 3) if a pod gets no sidecar or a client reports no result, (exit 130) after Ctrl-C
 */
export async function testTraffic(
  cluster: Cluster,
  tenants: readonly Tenant[],
  image: string,
  run: VerifyRun,
): Promise<TrafficAnswer[]> {
  const runId = randomBytes(3).toString('hex')
  const sides = tenants.map(
    ({name, revision, label}): TrafficSide => ({
      tenant: name,
      revision,
      label,
      namespace: trafficNamespace(name, runId),
    }),
  )
  const stop = new AbortController()
  const onInterrupt = () => {
    run.terminal.message(
      'stopping: deleting the temporary namespaces (press Ctrl-C again to exit at once and leave them)',
    )
    stop.abort()
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    return await sendRequests({cluster, image, run, signal: stop.signal}, sides)
  } catch (error) {
    if (stop.signal.aborted) throw new MeshError({message: 'interrupted'}, exitCodes.interrupted)
    throw error
  } finally {
    await deleteNamespaces(cluster, sides, run)
    process.removeListener('SIGINT', onInterrupt)
    process.removeListener('SIGTERM', onInterrupt)
  }
}

/** What all steps of a test need. */
interface TrafficTest {
  cluster: Cluster
  image: string
  run: VerifyRun
  signal: AbortSignal
}

async function sendRequests(test: TrafficTest, sides: readonly TrafficSide[]): Promise<TrafficAnswer[]> {
  const progress = await startProgress(test.run.terminal, 'creating temporary workloads')
  const {signal, image} = test
  const onProgress = (text: string) => progress.update(text)
  try {
    await allOrNone(sides, signal, (side, each) => createServer(side, {...test, signal: each}))
    const servers = await allOrNone(sides, signal, async (side, each): Promise<RunningServer> => {
      const pod = await waitForPod({...test, signal: each}, side.namespace, serverPod(side), isRunning, onProgress)
      return {...side, podIp: podIpOf(pod)!}
    })
    const tenants = sides.map(({tenant}) => tenant)
    const answers = await allOrNone(sides, signal, async (side, each) => {
      await applyPod(buildTrafficClient(side, servers, image), {...test, signal: each})
      const pod = await waitForPod({...test, signal: each}, side.namespace, clientPod(side), hasEnded, onProgress)
      return answersIn(clientMessage(pod)!, side.tenant, tenants)
    })
    return answers.flat()
  } finally {
    progress.done()
  }
}

function waitForPod(
  {cluster, run, signal}: TrafficTest,
  namespace: string,
  name: string,
  ready: (pod: KubernetesObject | undefined) => true | string,
  onProgress: (text: string) => void,
): Promise<KubernetesObject | undefined> {
  return waitFor(cluster, {apiVersion: 'v1', kind: 'Pod', namespace, name}, ready, {
    timeoutMs: run.write.timeout,
    signal,
    onProgress: reason => onProgress(`waiting for ${namespace}/${name} · ${reason}`),
  })
}

async function createServer(side: TrafficSide, test: TrafficTest): Promise<void> {
  for (const object of buildTrafficServer(side, test.image)) {
    test.signal.throwIfAborted()
    await (object.kind === 'Pod' ? applyPod(object, test) : test.cluster.apply(object))
  }
}

/**
 * Creates a pod. Waits for the ServiceAccount `default` first, because the API server rejects pods in a new namespace
 * until it exists.
 */
async function applyPod(pod: KubernetesObject, {cluster, run, signal}: TrafficTest): Promise<void> {
  const {namespace = ''} = pod.metadata
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'default'}
  await waitFor(cluster, account, object => (object ? true : 'its ServiceAccount does not exist yet'), {
    timeoutMs: run.write.timeout,
    signal,
  })
  const live = await cluster.get({apiVersion: 'v1', kind: 'Namespace', name: namespace})
  const created = await cluster.apply(withAssignedUsers(pod, live))
  const {containers = [], initContainers = []} = created.spec as {
    containers?: {name: string}[]
    initContainers?: {name: string}[]
  }
  if (![...containers, ...initContainers].some(({name}) => name === 'istio-proxy'))
    throw refusedError(
      `a pod in namespace ${namespace} got no sidecar, although the namespace has the labels for injection`,
      'kubectl mesh tenant verify (checks the webhooks)',
    )
}

/**
 * Deletes the temporary namespaces of the tenants, including those that a killed run left behind: with our label and a name
 * that we give. A failure is only reported, so that it does not replace the result of the test.
 */
async function deleteNamespaces(cluster: Cluster, sides: readonly TrafficSide[], run: VerifyRun): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Namespace'}
  const tenants = sides.map(({tenant}) => tenant).join(',')
  try {
    const found = await cluster.list(kind, {labelSelector: `${temporaryLabel} in (${tenants})`})
    const temporary = found.filter(
      ({metadata: {name, labels, deletionTimestamp}}) =>
        !deletionTimestamp && isTrafficNamespace(name, labels?.[temporaryLabel] ?? ''),
    )
    await Promise.all(
      temporary.map(({metadata: {name, uid}}) => cluster.delete({...kind, name}, uid === undefined ? {} : {uid})),
    )
  } catch (error) {
    run.terminal.message([
      `warning: temporary namespaces may remain: ${messageOf(error)}`,
      `hint:  kubectl delete namespace -l ${temporaryLabel}`,
    ])
  }
}
