import {formatTable} from '../../../terminal/output/table.ts'
import {formatDuration} from '../../../text/duration.ts'
import type {CaMember} from '../change/read.ts'
import type {Renewal} from './choose.ts'

/** One row per cluster: when its CA expires, and what changes. */
export function formatRenewals(
  renewals: readonly Renewal<Pick<CaMember, 'name' | 'data'>>[],
  systemNamespace: string,
  now: Date,
): string {
  const rows = renewals.map(renewal => {
    const left = renewal.current.notAfter.getTime() - now.getTime()
    const expires = left > 0 ? `in ${formatDuration(left)}` : 'expired'
    return [renewal.member.name, expires, stepOf(renewal, systemNamespace)]
  })
  return formatTable(['cluster', 'expires', 'change'], rows)
}

function stepOf({action, newer}: Pick<Renewal, 'action' | 'newer'>, systemNamespace: string): string {
  if (action === 'keep') return 'none'
  const where = `Secret ${systemNamespace}/cacerts`
  if (action === 'issue')
    return `issue a CA below the same root, then ${where}: ca-cert.pem, ca-key.pem, cert-chain.pem`
  return `${where}: the newer CA of the folder, valid until ${newer!.notAfter.toISOString().slice(0, 10)}`
}
