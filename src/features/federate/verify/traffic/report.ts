import type {ReportedFinding} from '../../../../findings/check.ts'
import type {MeshMember} from '../../../../mesh/members.ts'
import {formatTable} from '../../../../terminal/output/table.ts'
import type {Verified} from '../../../../terminal/output/verify.ts'
import {helloVersion} from './objects.ts'

/** Requests that the client of each cluster sends. */
export const helloRequests = 20

/** The responses that the client of one cluster received. */
export interface HelloAnswers {
  /** Name of the client's cluster. */
  from: string
  /** The client, for people: `pod mesh-verify-client in namespace …`. */
  client: string
  /** Number of responses by cluster name, in the order of the clusters. Contains only the expected clusters. */
  answered: ReadonlyMap<string, number>
  /** Requests without a response from one of the servers. */
  failed: number
  /** The first failure, for people: `HTTP 503`. */
  failure: string | undefined
}

/** A column of `formatHello`: a cluster and the version that its server reports. */
export interface HelloColumn {
  cluster: string
  version: string
}

/** The columns of `formatHello`, in the order of the clusters. */
export function helloColumns(all: readonly MeshMember[]): HelloColumn[] {
  return all.map(({cluster}, at) => ({cluster, version: helloVersion(at)}))
}

/** A table with a row for each client's cluster and a column for each server's; `–` where no response is expected. */
export function formatHello(all: readonly HelloAnswers[], columns: readonly HelloColumn[], requests: number): string {
  const heads = [
    `${requests} requests from`,
    ...columns.map(({cluster, version}) => `${cluster} (${version})`),
    'failed',
  ]
  const rows = all.map(({from, answered, failed}) => [
    from,
    ...columns.map(({cluster}) => `${answered.get(cluster) ?? '-'}`),
    `${failed}`,
  ])
  return formatTable(heads, rows, {keepHeads: true})
}

/**
 * Parses the output of the client's curl: each response (`Hello version: v1, instance: POD`), followed by a line with its
 * HTTP status, 000 for no response.
 *
 * @returns the number of responses with status 200 by pod, and the status (or a text) of every other request
 */
export function readHello(stdout: string): {pods: Map<string, number>; failures: string[]} {
  const pods = new Map<string, number>()
  const failures: string[] = []
  let body = ''
  for (const line of stdout.split('\n').map(text => text.trim())) {
    const status = line.match(/^HTTP (\d{3})$/)?.[1]
    if (status === undefined) {
      body += line
      continue
    }
    const pod = body.match(/^Hello version: \S+, instance: (\S+)$/)?.[1]
    if (status === '200' && pod !== undefined) pods.set(pod, (pods.get(pod) ?? 0) + 1)
    else failures.push(failureText(status))
    body = ''
  }
  return {pods, failures}
}

function failureText(status: string): string {
  if (status === '000') return 'no response'
  return status === '200' ? 'a response that is not from HelloWorld' : `HTTP ${status}`
}

/** The responses as checks: every expected cluster responds to every client, and every request succeeds. */
export function verifiedHello(all: readonly HelloAnswers[]): Verified {
  const checks = all.flatMap(({from, client, answered}) => [
    ...[...answered].map(([to, count]) => ({
      id: `traffic-${from}-${to}`,
      about: `${to} answered ${count} of ${helloRequests} requests from ${from}`,
      from: `from ${client}`,
    })),
    {id: `traffic-${from}`, about: `all requests from ${from} succeeded`, from: `from ${client}`},
  ])
  const findings = all.flatMap(answers => [...silentClusters(answers), ...failedRequests(answers)])
  return {title: 'traffic', checks, findings}
}

function silentClusters({from, answered}: HelloAnswers): ReportedFinding[] {
  return [...answered]
    .filter(([, count]) => count === 0)
    .map(([to]) => ({
      level: 'error',
      check: `traffic-${from}-${to}`,
      cluster: from,
      message: `${to} answered none of ${helloRequests} requests from ${from}`,
      hints:
        from === to
          ? ['check that pods there get a sidecar, and that it becomes ready']
          : [
              `check that pods in ${from} can reach the gateway of ${to}`,
              'check that no DestinationRule keeps traffic in its locality',
            ],
    }))
}

function failedRequests({from, failed, failure}: HelloAnswers): ReportedFinding[] {
  if (failed === 0) return []
  return [
    {
      level: 'error',
      check: `traffic-${from}`,
      cluster: from,
      message: `${failed} of ${helloRequests} requests from ${from} failed${failure ? ` (${failure})` : ''}`,
      hints: ['first solve the problems marked ✘ above'],
    },
  ]
}
