import {randomBytes} from 'node:crypto'
import {setTimeout as sleep} from 'node:timers/promises'
import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {UnreachableError} from '../../../engine/cluster/errors.ts'
import {waitFor} from '../../../engine/cluster/wait.ts'
import {inCluster} from '../../../engine/kubeconfig/in-cluster.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {exitCodes, MeshError, messageOf, type Problem, refusedError} from '../../../errors.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {confirmChange} from '../../../run/confirm.ts'
import type {VerifyRun} from '../../../run/verify-run.ts'
import {shellWord} from '../../../spec/read.ts'
import {startProgress} from '../../../terminal/output/progress.ts'
import type {Verified} from '../../../terminal/output/verify.ts'
import {federationTrafficLabel, helloClient, helloNamespace, helloVersion} from './objects-traffic.ts'
import type {SeenCluster} from './read.ts'
import {type HelloAnswers, type HelloColumn, readHello} from './report-traffic.ts'
import type {FederationVerify} from './spec.ts'
import {type TrafficSide, trafficSides} from './traffic-sides.ts'

/** Requests from each side. */
export const helloRequests = 20

/** istiods tell proxies of new endpoints a moment later: as long as not all have answered, all are asked again. */
const pauseMs = 2000
const settleMs = 60_000

/** Asks for the yes to `sayHello`; gives the name of the namespace that it will make. Throws MeshError without a yes. */
export async function confirmHello(
  all: readonly MeshMember[],
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
): Promise<string> {
  const namespace = helloNamespace(randomBytes(3).toString('hex'))
  const clusters = all.map(({cluster}) => cluster).join(', ')
  const question = `Make the throw-away namespace ${namespace} in ${clusters} and remove it again?`
  await confirmChange(question, run, 'add --yes, or leave --traffic out')
  return namespace
}

/**
 * Makes HelloWorld and a client in a throw-away namespace of each cluster, lets each client send its requests, and removes
 * the namespaces again, whatever happens meanwhile: a failure, the end of the time, Ctrl-C. What a killed run has left is
 * removed first.
 *
 * @returns the answers, and a finding instead of them when the workloads could not be made or asked
 * @throws MeshError (exit 130) on Ctrl-C
 */
export async function tryHello(
  seen: readonly SeenCluster[],
  namespace: string,
  spec: FederationVerify,
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
): Promise<{answers: HelloAnswers[]; verified: Verified}> {
  const without = seen
    .filter(({member: {facts, controlPlane, primary}}) => !facts || !(controlPlane || primary))
    .map(({member}) => member.cluster)
  if (without.length > 0)
    return failedHello([
      {
        message: `no request was sent: of ${without.join(', ')} there is no answer, or no istiod`,
        hints: ['what is ✘ above comes first'],
      },
    ])
  const {sides, problems} = trafficSides(seen, namespace, spec)
  if (problems.length > 0) return failedHello(problems)
  const stop = new AbortController()
  const onInterrupt = () => {
    run.terminal.message('stopping; the throw-away namespaces are removed (Ctrl-C again ends at once and leaves them)')
    stop.abort()
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    await removeAll(sides, run, 'left by an earlier run')
    const answers = await ask(sides, namespace, run, stop.signal)
    return {answers, verified: verifiedHello(answers)}
  } catch (error) {
    if (stop.signal.aborted) throw new MeshError({message: 'interrupted'}, exitCodes.interrupted)
    if (!(error instanceof MeshError)) throw error
    return failedHello(error.problems)
  } finally {
    await removeAll(sides, run)
    process.removeListener('SIGINT', onInterrupt)
    process.removeListener('SIGTERM', onInterrupt)
  }
}

function failedHello(problems: readonly Problem[]): {answers: HelloAnswers[]; verified: Verified} {
  const check = 'traffic'
  const findings = problems.map((problem): ReportedFinding => ({...problem, level: 'error', check}))
  return {answers: [], verified: {title: 'traffic', checks: [{id: check, about: 'requests were sent'}], findings}}
}

async function ask(
  sides: readonly TrafficSide[],
  namespace: string,
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
  signal: AbortSignal,
): Promise<HelloAnswers[]> {
  const progress = await startProgress(run.terminal, `making HelloWorld in namespace ${namespace}`)
  try {
    await allOrNone(sides, signal, ({server, member, cluster, made}, goOn) =>
      inCluster(member.cluster, async () => {
        const wait = {timeoutMs: run.write.timeout, signal: goOn}
        for (const object of made) {
          goOn.throwIfAborted()
          if (object.kind === 'Pod') await makePod(cluster, member, object, wait)
          else await cluster.apply(object)
        }
        for (const name of [server, helloClient])
          await waitFor(cluster, {apiVersion: 'v1', kind: 'Pod', namespace, name}, isReady, {
            ...wait,
            onProgress: reason => progress.update(`waiting for ${member.cluster} ${namespace}/${name} · ${reason}`),
          })
      }),
    )
    progress.update('sending requests')
    const until = Date.now() + Math.min(settleMs, run.write.timeout)
    return await allOrNone(sides, signal, (side, goOn) => askFrom(side, namespace, until, goOn))
  } finally {
    progress.done()
  }
}

/** Works in all clusters side by side. Where one fails the others stop, and have stopped when this throws: nothing is made after the clean-up. */
async function allOrNone<T>(
  sides: readonly TrafficSide[],
  signal: AbortSignal,
  work: (side: TrafficSide, goOn: AbortSignal) => Promise<T>,
): Promise<T[]> {
  const failed = new AbortController()
  const goOn = AbortSignal.any([signal, failed.signal])
  const errors: unknown[] = []
  const results = await Promise.allSettled(
    sides.map(side =>
      work(side, goOn).catch((error: unknown) => {
        errors.push(error)
        failed.abort()
        throw error
      }),
    ),
  )
  if (errors.length > 0) throw errors[0]
  return results.flatMap(result => (result.status === 'fulfilled' ? [result.value] : []))
}

/** A namespace's own account comes a moment after the namespace, and pods are refused until then. */
async function makePod(
  cluster: Cluster,
  member: MeshMember,
  pod: KubernetesObject,
  wait: {timeoutMs: number; signal: AbortSignal},
): Promise<void> {
  const {namespace = ''} = pod.metadata
  const account = {apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: 'default'}
  await waitFor(cluster, account, object => (object ? true : 'its account is not there yet'), wait)
  wait.signal.throwIfAborted()
  const made = await cluster.apply(pod)
  const {containers = [], initContainers = []} = made.spec as Record<string, {name: string}[] | undefined>
  if (![...containers, ...initContainers].some(({name}) => name === 'istio-proxy'))
    throw refusedError(
      `${member.cluster}: a pod in ${namespace} got no sidecar, though its namespace asks for one`,
      `kubectl --context ${shellWord(member.context)} get mutatingwebhookconfigurations`,
    )
}

interface PodStatus {
  phase?: string
  containerStatuses?: {ready?: boolean; state?: {waiting?: {reason?: string}}}[]
}

function isReady(pod: KubernetesObject | undefined): true | string {
  const {containerStatuses = [], phase = 'Pending'} = (pod?.status ?? {}) as PodStatus
  if (containerStatuses.length > 0 && containerStatuses.every(({ready}) => ready)) return true
  return containerStatuses.find(({state}) => state?.waiting?.reason)?.state?.waiting?.reason ?? phase
}

async function askFrom(
  {member, cluster, url, resolve, answering}: TrafficSide,
  namespace: string,
  until: number,
  signal: AbortSignal,
): Promise<HelloAnswers> {
  const argv = [
    'curl',
    ...['--silent', '--max-time', '5', '--write-out', '\\nHTTP %{http_code}\\n'],
    ...(resolve === undefined ? [] : ['--resolve', resolve]),
    // curl's own counting: one exec, and no shell is needed
    `${url}?request=[1-${helloRequests}]`,
  ]
  for (;;) {
    signal.throwIfAborted()
    const said = await execOnce()
    const {pods, failures} = readHello(said.stdout)
    const answered = new Map([...answering].map(([name, pod]) => [name, pods.get(pod) ?? 0]))
    const [stranger] = [...pods.keys()].filter(pod => ![...answering.values()].includes(pod))
    const sum = [...answered.values()].reduce((all, one) => all + one, 0)
    const complete = [...answered.values()].every(count => count > 0) && sum === helloRequests
    if (complete || Date.now() > until) {
      const other = stranger === undefined ? said.stderr.trim() || 'no answer' : `an answer of ${stranger}`
      const failure = failures[0] ?? (sum === helloRequests ? undefined : other)
      const client = `pod ${helloClient} in namespace ${namespace} of ${member.cluster}`
      return {from: member.cluster, client, answered, failed: helloRequests - sum, failure}
    }
    await sleep(pauseMs, undefined, {signal})
  }

  /** A kubelet may refuse a moment longer than its pod is ready: that is told at the end of the time only. */
  async function execOnce(): Promise<{stdout: string; stderr: string}> {
    const executed = cluster.pods.exec({namespace, name: helloClient}, helloClient, argv)
    try {
      return await Promise.race([executed, abortOf(signal)])
    } catch (error) {
      if (!(error instanceof UnreachableError)) throw error
      return {stdout: '', stderr: error.message}
    }
  }
}

/** Rejects when the signal is aborted. */
function abortOf(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), {once: true}))
}

/** Removes the throw-away namespaces, also those of others' runs; what can't be removed is told, and not thrown over the result. */
async function removeAll(
  sides: readonly TrafficSide[],
  run: VerifyRun<'json' | 'yaml' | 'junit'>,
  about?: string,
): Promise<void> {
  const kind = {apiVersion: 'v1', kind: 'Namespace'}
  await Promise.all(
    sides.map(async ({cluster, member}) => {
      try {
        const found = await cluster.list(kind, {labelSelector: federationTrafficLabel})
        const living = found.filter(({metadata}) => !metadata.deletionTimestamp)
        for (const {metadata} of living) {
          if (about) run.terminal.message(`${member.cluster}: namespace ${metadata.name}, ${about}, is removed`)
          await cluster.delete({...kind, name: metadata.name})
        }
      } catch (error) {
        run.terminal.message(
          `warning: ${member.cluster}: throw-away namespaces may be left: ${messageOf(error)}\nhint:  kubectl --context ${shellWord(member.context)} delete namespace -l ${federationTrafficLabel}`,
        )
      }
    }),
  )
}

/** The clusters and the versions that they answer as. */
export function helloColumns(all: readonly MeshMember[]): HelloColumn[] {
  return all.map(({cluster}, at) => ({cluster, version: helloVersion(at)}))
}

/** The answers as checks: each cluster's client is to be answered by every cluster, and each request by one. */
export function verifiedHello(all: readonly HelloAnswers[]): Verified {
  const checks = all.flatMap(({from, client, answered}) => [
    ...[...answered].map(([to, count]) => ({
      id: `traffic-${from}-${to}`,
      about: `${count} of ${helloRequests} requests of ${from} were answered by ${to}`,
      from: `from ${client}`,
    })),
    {id: `traffic-${from}`, about: `each request of ${from} was answered`, from: `from ${client}`},
  ])
  const findings = all.flatMap(({from, answered, failed, failure}): ReportedFinding[] => [
    ...[...answered]
      .filter(([, count]) => count === 0)
      .map(
        ([to]): ReportedFinding => ({
          level: 'error',
          check: `traffic-${from}-${to}`,
          cluster: from,
          message: `none of ${helloRequests} requests of ${from} was answered by ${to}`,
          hints: [
            from === to
              ? 'does a pod there get a sidecar, and does that get ready?'
              : `is the gateway of ${to} in reach of the pods of ${from}? And does a DestinationRule keep traffic in its locality?`,
          ],
        }),
      ),
    ...(failed > 0
      ? [
          {
            level: 'error' as const,
            check: `traffic-${from}`,
            cluster: from,
            message: `${failed} of ${helloRequests} requests of ${from} failed${failure ? ` (${failure})` : ''}`,
            hints: ['what is ✘ above comes first'],
          },
        ]
      : []),
  ])
  return {title: 'traffic', checks, findings}
}
