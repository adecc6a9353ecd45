import {setTimeout as sleep} from 'node:timers/promises'
import {UnreachableError} from '../../../../engine/cluster/errors.ts'
import {helloClient} from './objects.ts'
import {type HelloAnswers, helloRequests, readHello} from './report.ts'
import type {TrafficSide} from './sides.ts'

/** Pause between two attempts. */
const pauseMs = 2000

/**
 * Sends the requests of one cluster's client. Repeats all of them until every expected server has answered, because istiod
 * sends new endpoints to the proxies with a short delay.
 *
 * @param until time after which the last attempt counts, in milliseconds since the epoch
 * @throws the reason of the signal when it is aborted
 */
export async function sendRequests(
  side: TrafficSide,
  namespace: string,
  until: number,
  signal: AbortSignal,
): Promise<HelloAnswers> {
  for (;;) {
    signal.throwIfAborted()
    const output = await runCurl(side, namespace, signal)
    const answers = answersIn(output, side, namespace)
    const complete = answers.failed === 0 && [...answers.answered.values()].every(count => count > 0)
    if (complete || Date.now() > until) return answers
    await sleep(pauseMs, undefined, {signal})
  }
}

interface Output {
  stdout: string
  stderr: string
}

/** A kubelet may refuse an exec for a moment after the pod is ready, so that a refusal is treated like a failed request. */
async function runCurl({cluster, url, resolve}: TrafficSide, namespace: string, signal: AbortSignal): Promise<Output> {
  const argv = [
    'curl',
    ...['--silent', '--max-time', '5', '--write-out', '\\nHTTP %{http_code}\\n'],
    ...(resolve === undefined ? [] : ['--resolve', resolve]),
    // curl expands the range: one exec sends all requests, and the image needs no shell.
    `${url}?request=[1-${helloRequests}]`,
  ]
  const executed = cluster.pods.exec({namespace, name: helloClient}, helloClient, argv)
  try {
    return await Promise.race([executed, rejectOnAbort(signal)])
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error
    return {stdout: '', stderr: error.message}
  }
}

function answersIn({stdout, stderr}: Output, {member, expected}: TrafficSide, namespace: string): HelloAnswers {
  const {pods, failures} = readHello(stdout)
  const answered = new Map([...expected].map(([cluster, pod]) => [cluster, pods.get(pod) ?? 0]))
  const failed = helloRequests - [...answered.values()].reduce((sum, count) => sum + count, 0)
  const unexpected = [...pods.keys()].find(pod => ![...expected.values()].includes(pod))
  const other = unexpected === undefined ? stderr.trim() || 'no response' : `a response from ${unexpected}`
  return {
    from: member.cluster,
    client: `pod ${helloClient} in namespace ${namespace} of ${member.cluster}`,
    answered,
    failed,
    failure: failures[0] ?? (failed === 0 ? undefined : other),
  }
}

function rejectOnAbort(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), {once: true}))
}
