import type {ReportedFinding} from '../../../findings/check.ts'
import {formatFindings} from '../../../terminal/output/marks.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {dumpYaml} from '../../../text/yaml.ts'

/** One certificate at one gateway. Undefined fields: no certificate could be read. */
export interface CertificateRow {
  hosts: string[]
  gateway: string
  port: number
  mode: string
  /** `NAMESPACE/NAME`; the namespace is `?` if the Gateway selects no pods. */
  secret: string
  subject: string | undefined
  issuer: string | undefined
  expires: Date | undefined
}

/**
 * Formats certificates as a table, with findings below it, or as data.
 *
 * @param format `wide` adds mode, subject and issuer; undefined is the short table
 */
export function formatCertificates(
  rows: readonly CertificateRow[],
  findings: readonly ReportedFinding[],
  now: Date,
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  const plain: unknown = JSON.parse(JSON.stringify({certificates: rows, findings}))
  if (format === 'json') return `${JSON.stringify(plain, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(plain)
  const wide = format === 'wide'
  const table = formatTable(
    ['host', 'gateway', 'port', 'secret', 'expires', ...(wide ? ['mode', 'subject', 'issuer'] : [])],
    rows.map(row => [
      row.hosts.join(','),
      row.gateway,
      String(row.port),
      row.secret,
      row.expires ? expiryText(row.expires, now) : '–',
      ...(wide ? [row.mode, row.subject ?? '–', row.issuer ?? '–'] : []),
    ]),
  )
  return findings.length > 0 ? `${table}\n${formatFindings(findings)}` : table
}

/** `2027-01-31 (in 90 days)`. */
function expiryText(expires: Date, now: Date): string {
  const days = Math.floor((expires.getTime() - now.getTime()) / 86_400_000)
  return `${expires.toISOString().slice(0, 10)} (${days < 0 ? 'expired' : `in ${days} days`})`
}
