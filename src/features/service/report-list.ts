import {isIPv6} from 'node:net'
import {type Exporter, globalHost, type ServiceImport} from '../../mesh/services/objects.ts'
import {ageText, type Listing} from '../../terminal/list/listing.ts'

/** A service in a cluster that imports it. */
export interface ListedImport {
  importer: string
  imported: ServiceImport
  /** When the ServiceEntry was created. */
  since: Date
}

/** The imports as a listing. A row stands for a service with the same exporters in several clusters. */
export function serviceListing(all: readonly ListedImport[], now: Date): Listing<ServiceRow> {
  const rows = [...Map.groupBy(all, keyOf).values()].map(group => rowOf(group))
  rows.sort((a, b) => (a.service + a.importers[0] < b.service + b.importers[0] ? -1 : 1))
  return {
    rows,
    columns: [
      {head: 'service', cell: ({service}) => service},
      {head: 'exporters', cell: ({exporters}) => exporters.join(',')},
      {head: 'importers', cell: ({importers}) => importers.join(',')},
      {head: 'endpoints', cell: ({endpoints}) => endpoints.join(',')},
      {head: 'age', cell: ({since}) => ageText(since, now)},
      {head: 'ports', cell: ({ports}) => ports.join(','), wide: true},
      {head: 'identities', cell: ({identities}) => identities.join(','), wide: true},
    ],
    document: items => ({services: items}),
    item: row => row,
    name: ({service}) => `service/${service}`,
    // NAME.NAMESPACE.global
    namespaces: ({service}) => [service.split('.')[1] ?? ''],
    state: ({endpoints}) => (endpoints.length === 0 ? 'error' : undefined),
  }
}

type ServiceRow = ReturnType<typeof rowOf>

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
