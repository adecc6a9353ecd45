import {isIPv6} from 'node:net'
import {type Exporter, globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {formatDuration} from '../../text/duration.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** A service in a cluster that imports it. */
export interface ListedImport {
  importer: string
  imported: ServiceImport
  /** When the ServiceEntry was created. */
  since: Date
}

/**
 * Formats imports as a table or as data. A row stands for a service with the same exporters in several clusters.
 *
 * @param format `wide` adds ports and identities; undefined is the short table
 */
export function formatServiceList(
  all: readonly ListedImport[],
  now: Date,
  format: 'json' | 'yaml' | 'wide' | undefined,
): string {
  const rows = [...Map.groupBy(all, keyOf).values()].map(group => rowOf(group))
  rows.sort((a, b) => (a.service + a.importers[0] < b.service + b.importers[0] ? -1 : 1))
  if (format === 'json') return `${JSON.stringify({services: rows}, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify({services: rows})))
  const wide = format === 'wide'
  return formatTable(
    ['service', 'exporters', 'importers', 'endpoints', 'age', ...(wide ? ['ports', 'identities'] : [])],
    rows.map(row => [
      row.service,
      row.exporters.join(','),
      row.importers.join(','),
      row.endpoints.join(','),
      formatDuration(Math.max(0, now.getTime() - new Date(row.since).getTime())),
      ...(wide ? [row.ports.join(','), row.identities.join(',')] : []),
    ]),
  )
}

/** Equal for imports that share a row. */
function keyOf({imported}: ListedImport): string {
  return JSON.stringify([globalHost(imported), Object.entries(imported.exporters).sort(([a], [b]) => (a < b ? -1 : 1))])
}

function rowOf(group: readonly ListedImport[]) {
  const {imported} = group[0]!
  const exporters = Object.entries(imported.exporters).sort(([a], [b]) => (a < b ? -1 : 1))
  const each = <T>(of: (exporter: Exporter) => readonly T[]) => [...new Set(exporters.flatMap(([, one]) => of(one)))]
  return {
    service: globalHost(imported),
    exporters: exporters.map(([cluster]) => cluster),
    importers: group.map(({importer}) => importer).sort(),
    endpoints: each(({addresses, port}) =>
      addresses.map(address => (isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`)),
    ),
    since: new Date(Math.min(...group.map(({since}) => since.getTime()))).toISOString(),
    ports: each(({ports}) => ports.map(({number, protocol}) => (protocol ? `${number}/${protocol}` : String(number)))),
    identities: each(({identities}) => identities),
  }
}
