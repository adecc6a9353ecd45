import type {ReportedFinding} from '../../../findings/check.ts'
import {ageText, type Listing} from '../../../terminal/list/listing.ts'
import {formatFindings} from '../../../terminal/output/marks.ts'
import {daysUntil} from '../../../text/duration.ts'

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
  /** When the Secret was created. */
  created: string | undefined
}

/** The certificates as a listing, with findings below the table. */
export function certificateListing(
  rows: readonly CertificateRow[],
  findings: readonly ReportedFinding[],
  now: Date,
): Listing<CertificateRow> {
  return {
    rows,
    columns: [
      {head: 'host', cell: ({hosts}) => hosts.join(',')},
      {head: 'gateway', cell: ({gateway}) => gateway},
      {head: 'port', cell: ({port}) => String(port)},
      {head: 'secret', cell: ({secret}) => secret},
      {head: 'expires', cell: ({expires}) => expires && expiryText(expires, now)},
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'mode', cell: ({mode}) => mode, wide: true},
      {head: 'subject', cell: ({subject}) => subject, wide: true},
      {head: 'issuer', cell: ({issuer}) => issuer, wide: true},
    ],
    document: items => ({certificates: items, findings}),
    item: row => row,
    name: ({gateway, hosts}) => `certificate/${gateway}/${hosts[0] ?? ''}`,
    state: ({expires}) => (!expires || expires < now ? 'error' : undefined),
    below: () => (findings.length > 0 ? `\n${formatFindings(findings)}` : ''),
  }
}

/** `2027-01-31 (in 90 days)`. */
function expiryText(expires: Date, now: Date): string {
  const days = daysUntil(expires, now)
  return `${expires.toISOString().slice(0, 10)} (${days < 0 ? 'expired' : `in ${days} days`})`
}
