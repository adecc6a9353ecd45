import {shortFingerprint} from '../../pki/fingerprint.ts'
import type {CaComparison} from '../../pki/status.ts'
import {formatMarked} from '../../terminal/output/marks.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {formatDuration} from '../../text/duration.ts'
import {dumpYaml} from '../../text/yaml.ts'

/**
 * Formats the CAs as a table or as data.
 *
 * @param format `wide` shows complete fingerprints, and subjects; undefined is the short table
 */
export function formatCaStatus(
  comparison: CaComparison,
  now: Date,
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  const data = {
    cas: comparison.rows.map(row => ({...row, expires: row.expires?.toISOString()})),
    share: comparison.share,
  }
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(data)))
  const wide = format === 'wide'
  const table = formatTable(
    ['cluster', 'where', 'issuer', 'expires', 'root CA', ...(wide ? ['subject'] : [])],
    comparison.rows.map(row => {
      const roots = row.roots.map(root => (wide ? root : shortFingerprint(root))).join(',')
      const left = row.expires && row.expires.getTime() - now.getTime()
      const expires = left === undefined ? '–' : left > 0 ? `in ${formatDuration(left)}` : 'expired'
      const mark = row.sameRoot === undefined ? '' : row.sameRoot ? ' ✔' : ' ✘'
      return [
        row.cluster,
        row.source,
        row.issuer ?? '–',
        expires,
        `${roots || '–'}${mark}`,
        ...(wide ? [row.subject ?? '–'] : []),
      ]
    }),
  )
  const problems = comparison.rows.flatMap(row =>
    row.problems.map(problem => formatMarked('✘', {...problem, message: `${row.cluster}  ${problem.message}`})),
  )
  const verdict = comparison.share ? '✔ all CAs share one root' : '✘ the CAs do not all share one root'
  return `${table}\n${problems.join('')}${verdict}\n`
}
