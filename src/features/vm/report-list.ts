import {formatTable} from '../../terminal/output/table.ts'
import {formatDuration} from '../../text/duration.ts'
import {dumpYaml} from '../../text/yaml.ts'
import type {VmRow} from './read-rows.ts'

const heads = [
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

/** VMs as a table or as data. `now` tells ages. */
export function formatVmList(rows: readonly VmRow[], format: 'json' | 'yaml' | 'wide' | undefined, now: Date): string {
  const data = {vms: rows.map(row => ({...row, since: row.since?.toISOString()}))}
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(data)))
  return formatTable(
    heads,
    rows.map(row => [
      row.namespace,
      row.group ?? '-',
      row.entry ?? '-',
      row.entry === undefined ? '-' : row.auto ? 'by itself' : 'by address',
      row.health === 'unknown' ? '-' : row.health,
      row.address ?? '-',
      row.network ?? '-',
      row.locality ?? '-',
      seenText(row, now),
      row.controlPlane ?? '-',
    ]),
  )
}

function seenText({connected, since}: VmRow, now: Date): string {
  if (connected === undefined) return '-'
  const age = now.getTime() - since!.getTime() < 1000 ? '0s' : formatDuration(now.getTime() - since!.getTime())
  return connected ? `connected ${age}` : `gone ${age}`
}
