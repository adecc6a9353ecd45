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
  clientPod,
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

/** Waits for a pod of a namespace. */
type WaitForPod = (
  namespace: string,
  name: string,
  ready: (pod: KubernetesObject | undefined) => true | string,
) => Promise<KubernetesObject | undefined>

async function sendRequests(test: TrafficTest, sides: readonly TrafficSide[]): Promise<TrafficAnswer[]> {
  const {cluster, image, run, signal} = test
  const progress = await startProgress(run.terminal, 'creating temporary workloads')
  const waitForPod: WaitForPod = (namespace, name, ready) =>
    waitFor(cluster, {apiVersion: 'v1', kind: 'Pod', namespace, name}, ready, {
      timeoutMs: run.write.timeout,
      signal,
      onProgress: reason => progress.update(`waiting for ${namespace}/${name} · ${reason}`),
    })
  try {
    await Promise.all(sides.map(side => createServer(side, test)))
    const servers = await Promise.all(
      sides.map(async (side): Promise<RunningServer> => {
        const pod = await waitForPod(side.namespace, serverPod(side), isRunning)
        return {...side, podIp: podIpOf(pod)!}
      }),
    )
    const answers = await Promise.all(
      sides.map(async side => {
        await applyPod(buildTrafficClient(side, servers, image), test)
        const pod = await waitForPod(side.namespace, clientPod(side), hasEnded)
        const tenants = sides.map(({tenant}) => tenant)
        return answersIn(clientMessage(pod)!, side.tenant, tenants)
      }),
    )
    return answers.flat()
  } finally {
    progress.done()
  }
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
  const created = await cluster.apply(pod)
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
 * Deletes the temporary namespaces of the tenants, including those that a killed run left behind. A failure is only
 * reported, so that it does not replace the result of the test.
 */
async function deleteNamespaces(cluster: Cluster, sides: readonly TrafficSide[], run: VerifyRun): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Namespace'}
  const tenants = sides.map(({tenant}) => tenant).join(',')
  try {
    const found = await cluster.list(kind, {labelSelector: `${temporaryLabel} in (${tenants})`})
    await Promise.all(found.map(({metadata: {name}}) => cluster.delete({...kind, name})))
  } catch (error) {
    run.terminal.message([
      `warning: temporary namespaces may remain: ${messageOf(error)}`,
      `hint:  kubectl delete namespace -l ${temporaryLabel}`,
    ])
  }
}
