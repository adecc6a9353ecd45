import {randomBytes} from 'node:crypto'
import {allOrNone} from '../../../../engine/cluster/all-or-none.ts'
import {exitCodes, MeshError, type Problem} from '../../../../errors.ts'
import type {ReportedFinding} from '../../../../findings/check.ts'
import type {MeshMember} from '../../../../mesh/members.ts'
import {confirmChange} from '../../../../run/confirm.ts'
import type {VerifyRun} from '../../../../run/verify-run.ts'
import {startProgress} from '../../../../terminal/output/progress.ts'
import type {Verified} from '../../../../terminal/output/verify.ts'
import type {ObservedCluster} from '../read.ts'
import type {FederationVerify} from '../spec.ts'
import {helloNamespace} from './objects.ts'
import {type HelloAnswers, verifiedHello} from './report.ts'
import {sendRequests} from './requests.ts'
import {type TrafficSide, trafficSides} from './sides.ts'
import {createWorkloads, deleteNamespaces} from './workloads.ts'

/** What `federate verify` needs from outside. */
export type FederationVerifyRun = VerifyRun<'json' | 'yaml' | 'junit' | 'html'>

/** The result of `--traffic`. Without answers, the findings are the reasons why no request was sent. */
export interface TrafficResult {
  answers: HelloAnswers[]
  verified: Verified
}

/** Longest time for new endpoints to reach all proxies; also limited by `--timeout`. */
const settleMs = 60_000

/**
 * Asks the user to confirm the temporary namespace of `tryHello`.
 *
 * @returns the name of the namespace
 * @throws MeshError without a confirmation (exit 2 without a terminal, else exit 3)
 */
export async function confirmHello(all: readonly MeshMember[], run: FederationVerifyRun): Promise<string> {
  const namespace = helloNamespace(randomBytes(3).toString('hex'))
  const clusters = all.map(({cluster}) => cluster).join(', ')
  const question = `Create a temporary namespace ${namespace} in ${clusters}, and delete it afterwards?`
  await confirmChange(question, run, 'add --yes, or omit --traffic')
  return namespace
}

/**
 * Creates HelloWorld and a client in a temporary namespace of each cluster, and sends requests from each client. Deletes the
 * namespaces in any case: after a failure, a timeout or Ctrl-C. First deletes the namespaces that earlier runs left.
 *
 * @throws MeshError (exit 130) on Ctrl-C
 */
export async function tryHello(
  observed: readonly ObservedCluster[],
  namespace: string,
  spec: FederationVerify,
  run: FederationVerifyRun,
): Promise<TrafficResult> {
  const unusable = unusableClusters(observed)
  if (unusable.length > 0)
    return failedTraffic([
      {
        message: `no request was sent: no API server or no istiod found for ${unusable.join(', ')}`,
        hints: ['first solve the problems marked ✘ above'],
      },
    ])
  const {sides, problems} = trafficSides(observed, namespace, spec)
  if (problems.length > 0) return failedTraffic(problems)
  const {terminal} = run
  const stop = new AbortController()
  const onInterrupt = () => {
    terminal.message('stopping: deleting the temporary namespaces (press Ctrl-C again to exit at once and leave them)')
    stop.abort()
  }
  process.once('SIGINT', onInterrupt)
  process.once('SIGTERM', onInterrupt)
  try {
    await deleteNamespaces(sides, terminal, 'left by an earlier run')
    const answers = await exchangeRequests(sides, namespace, run, stop.signal)
    return {answers, verified: verifiedHello(answers)}
  } catch (error) {
    if (stop.signal.aborted) throw new MeshError({message: 'interrupted'}, exitCodes.interrupted)
    if (!(error instanceof MeshError)) throw error
    return failedTraffic(error.problems)
  } finally {
    await deleteNamespaces(sides, terminal)
    process.removeListener('SIGINT', onInterrupt)
    process.removeListener('SIGTERM', onInterrupt)
  }
}

function unusableClusters(observed: readonly ObservedCluster[]): string[] {
  return observed
    .filter(({member: {facts, controlPlane, primary}}) => !facts || !(controlPlane || primary))
    .map(({member}) => member.cluster)
}

function failedTraffic(problems: readonly Problem[]): TrafficResult {
  const check = 'traffic'
  const findings = problems.map((problem): ReportedFinding => ({...problem, level: 'error', check}))
  return {answers: [], verified: {title: 'traffic', checks: [{id: check, about: 'requests were sent'}], findings}}
}

async function exchangeRequests(
  sides: readonly TrafficSide[],
  namespace: string,
  run: FederationVerifyRun,
  signal: AbortSignal,
): Promise<HelloAnswers[]> {
  const {timeout} = run.write
  const progress = await startProgress(run.terminal, `creating HelloWorld in namespace ${namespace}`)
  const onProgress = (text: string) => progress.update(text)
  try {
    await allOrNone(sides, signal, (side, signal) =>
      createWorkloads(side, namespace, {timeoutMs: timeout, signal, onProgress}),
    )
    progress.update('sending requests')
    const until = Date.now() + Math.min(settleMs, timeout)
    return await allOrNone(sides, signal, (side, signal) => sendRequests(side, namespace, until, signal))
  } finally {
    progress.done()
  }
}
