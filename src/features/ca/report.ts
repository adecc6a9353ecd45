import {shortFingerprint} from '../../pki/fingerprint.ts'
import type {CaComparison} from '../../pki/status.ts'
import {ageText, type Listing} from '../../terminal/list/listing.ts'
import {formatMarked} from '../../terminal/output/marks.ts'
import {formatDuration} from '../../text/duration.ts'

type CaRow = CaComparison['rows'][number]

/** The CAs as a listing. `-o wide` shows complete fingerprints, and subjects. */
export function caListing({rows, share}: CaComparison, now: Date): Listing<CaRow> {
  const mark = ({sameRoot}: CaRow) => (sameRoot === undefined ? '' : sameRoot ? ' ✔' : ' ✘')
  return {
    rows,
    columns: [
      {head: 'cluster', cell: ({cluster}) => cluster},
      {head: 'where', cell: ({source}) => source},
      {head: 'issuer', cell: ({issuer}) => issuer},
      {head: 'expires', cell: ({expires}) => expires && leftText(expires, now)},
      {head: 'root CA', cell: row => `${row.roots.map(shortFingerprint).join(',') || '-'}${mark(row)}`},
      ...(rows.some(({rotation}) => rotation) ? [{head: 'stage', cell: stageText}] : []),
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'fingerprint', cell: ({roots}) => roots.join(','), wide: true},
      {head: 'subject', cell: ({subject}) => subject, wide: true},
    ],
    document: items => ({cas: items, share}),
    item: row => row,
    name: ({cluster, source}) => `ca/${source}/${cluster}`,
    state: ({problems, sameRoot}) => (problems.length > 0 || sameRoot === false ? 'error' : undefined),
    below: shown => {
      const problems = shown.flatMap(row =>
        row.problems.map(problem => formatMarked('✘', {...problem, message: `${row.cluster}  ${problem.message}`})),
      )
      const verdict = share ? '✔ all CAs share one root' : '✘ the CAs do not all share one root'
      return `\n${problems.join('')}${rotationLines(shown)}${verdict}\n`
    },
  }
}

function leftText(expires: Date, now: Date): string {
  const left = expires.getTime() - now.getTime()
  return left > 0 ? `in ${formatDuration(left)}` : 'expired'
}

function stageText({rotation}: CaRow): string | undefined {
  return rotation?.stage
}

/** Which proxies do not hold what the stage of their cluster requires. */
function rotationLines(rows: readonly CaRow[]): string {
  return rows
    .flatMap(({cluster, rotation}) => {
      if (!rotation) return []
      const {stage, proxies, incomplete} = rotation
      const about = `${cluster}: stage ${stage} of the change of the root`
      if (incomplete.length === 0) return [`${about} is complete: ${proxiesText(proxies)}\n`]
      return [
        `${about} is not complete: ${incomplete.length} of ${proxiesText(proxies)}\n`,
        ...incomplete.slice(0, maxLines).map(text => `  ${text}\n`),
        ...(incomplete.length > maxLines ? [`  and ${incomplete.length - maxLines} more (-o json lists all)\n`] : []),
      ]
    })
    .join('')
}

const maxLines = 10

function proxiesText(number: number): string {
  return number === 1 ? '1 proxy' : `${number} proxies`
}
