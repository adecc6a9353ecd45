import {formatTable} from '../../../terminal/output/table.ts'
import {formatDuration} from '../../../text/duration.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import type {VmRow} from './report-rows.ts'

const headings = [
  'namespace',
  'group',
  'entry',
  'registered',
  'health',
  'address',
  'network',
  'locality',
  'seen',
  'control plane',
]

/**
 * Formats VMs as a table or as data.
 *
 * @param now the time from which the table calculates ages
 */
export function formatVmList(rows: readonly VmRow[], format: 'json' | 'yaml' | 'wide' | undefined, now: Date): string {
  const data = {vms: rows.map(row => ({...row, since: row.since?.toISOString()}))}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(data)))
  return formatTable(
    headings,
    rows.map(row => [
      row.namespace,
      row.group ?? '-',
      row.entry ?? '-',
      row.entry === undefined ? '-' : row.auto ? 'by itself' : 'by address',
      row.health === 'unknown' ? '-' : row.health,
      row.address ?? '-',
      row.network ?? '-',
      row.locality ?? '-',
      connectionText(row, now),
      row.controlPlane ?? '-',
    ]),
  )
}

function connectionText({connected, since}: VmRow, now: Date): string {
  if (connected === undefined) return '-'
  const age = now.getTime() - since!.getTime()
  return `${connected ? 'connected' : 'disconnected'} ${age < 1000 ? '0s' : formatDuration(age)}`
}
