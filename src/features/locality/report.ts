import type {ReportedFinding} from '../../findings/check.ts'
import {formatFindings} from '../../terminal/output/marks.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {formatLocality, type Locality, type Served} from './istio.ts'
import {formatBar} from './report-bar.ts'

/** What stands in one place. */
export interface PlaceRow {
  locality: Locality
  nodes: number
  endpoints: number
}

/** Who serves the clients of one place. */
export interface ServedFrom {
  from: Locality
  served: readonly Served[]
}

/** All that `mesh locality status` shows. */
export interface LocalityStatusData {
  places: readonly PlaceRow[]
  host?: {host: string; source: string; from: readonly ServedFrom[]}
  findings: readonly ReportedFinding[]
}

/** Tables with a bar for each place, then who serves whom, then what is not as it should be; or all as data. */
export function formatLocalityStatus(data: LocalityStatusData, format: 'json' | 'yaml' | 'wide' | undefined): string {
  if (format === 'json') return `${JSON.stringify(asData(data), null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(asData(data))))
  const parts = [placesTable(data.places)]
  if (data.host) parts.push(servedTable(data.host))
  if (data.findings.length > 0) parts.push(formatFindings(data.findings))
  return parts.join('\n')
}

function placesTable(places: readonly PlaceRow[]): string {
  const largest = Math.max(1, ...places.map(({endpoints}) => endpoints))
  return formatTable(
    ['region', 'zone', 'subzone', 'nodes', 'endpoints', ''],
    places.map(({locality: {region, zone, subzone}, nodes, endpoints}) => [
      region || '-',
      zone || '-',
      subzone || '-',
      String(nodes),
      String(endpoints),
      formatBar(endpoints, largest),
    ]),
  )
}

function servedTable({host, source, from}: NonNullable<LocalityStatusData['host']>): string {
  const rows = from.flatMap(({from: place, served}) =>
    served.length === 0
      ? [[formatLocality(place), '-', 'nobody', '0', '']]
      : served.map(({group, priority, share, why}, at) => [
          at === 0 ? formatLocality(place) : '',
          share === undefined ? String(priority) : `${share} %`,
          [formatLocality(group.locality), ...labelsOf(group.labels)].join(' '),
          String(group.count),
          why,
        ]),
  )
  const heads = ['client in', 'priority', 'served by', 'endpoints', 'why']
  return `${host}   (${source})\n${formatTable(heads, rows)}`
}

function labelsOf(labels: Record<string, string>): string[] {
  return Object.entries(labels).map(([key, value]) => `${key}=${value}`)
}

function asData({places, host, findings}: LocalityStatusData) {
  return {
    places: places.map(({locality, nodes, endpoints}) => ({...locality, nodes, endpoints})),
    ...(host
      ? {
          host: host.host,
          source: host.source,
          servedFrom: host.from.map(({from, served}) => ({
            from: formatLocality(from),
            served: served.map(({group, priority, share, why}) => ({
              priority,
              ...(share === undefined ? {} : {share}),
              locality: formatLocality(group.locality),
              ...(Object.keys(group.labels).length > 0 ? {labels: group.labels} : {}),
              endpoints: group.count,
              why,
            })),
          })),
        }
      : {}),
    findings,
  }
}
