import {formatTable} from '../../../terminal/output/table.ts'

/** Who answered the requests of one cluster's client. */
export interface HelloAnswers {
  /** Name of the cluster that asked. */
  from: string
  /** Where exactly: `pod mesh-verify-client in namespace …`. */
  client: string
  /** By cluster name, in the clusters' order; one that is not to answer is not there. */
  answered: ReadonlyMap<string, number>
  /** Requests without an answer of one of the servers. */
  failed: number
  /** What such an answer was: `HTTP 503`, for people. */
  failure: string | undefined
}

/** The columns' heads of `formatHello`: a cluster and the version that it answers as. */
export interface HelloColumn {
  cluster: string
  version: string
}

/** Who answered what: a row for each cluster that asks, a column for each that answers; `–` where it is not to. */
export function formatHello(all: readonly HelloAnswers[], columns: readonly HelloColumn[], requests: number): string {
  const heads = [
    `${requests} requests from`,
    ...columns.map(({cluster, version}) => `${cluster} (${version})`),
    'failed',
  ]
  const rows = all.map(({from, answered, failed}) => [
    from,
    ...columns.map(({cluster}) => `${answered.get(cluster) ?? '–'}`),
    `${failed}`,
  ])
  return formatTable(heads, rows, {keepHeads: true})
}

/**
 * Reads what the client's curl printed: each answer (`Hello version: v1, instance: POD`), then its HTTP code on a line of
 * its own, 000 where there was none.
 *
 * @returns how often each pod answered with 200, and the codes (or texts) of all other requests
 */
export function readHello(stdout: string): {pods: Map<string, number>; failures: string[]} {
  const pods = new Map<string, number>()
  const failures: string[] = []
  let said = ''
  for (const line of stdout.split('\n').map(text => text.trim())) {
    const code = line.match(/^HTTP (\d{3})$/)?.[1]
    if (code === undefined) {
      said += line
      continue
    }
    const pod = said.match(/^Hello version: \S+, instance: (\S+)$/)?.[1]
    if (code === '200' && pod !== undefined) pods.set(pod, (pods.get(pod) ?? 0) + 1)
    else
      failures.push(code === '000' ? 'no answer' : code === '200' ? 'an answer that is not HelloWorld' : `HTTP ${code}`)
    said = ''
  }
  return {pods, failures}
}
