import type {ReportedFinding} from '../../../findings/check.ts'
import {formatFindings} from '../../../terminal/output/marks.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {escapeLine} from '../../../text/escape-terminal.ts'
import {dumpYaml} from '../../../text/yaml.ts'
import {formatLocality, type Locality} from '../istio.ts'
import type {Served} from '../istio-serve.ts'
import {formatBar} from './report-bar.ts'

/** How many nodes and endpoints a locality has. */
export interface LocalityRow {
  locality: Locality
  nodes: number
  endpoints: number
}

/** Which endpoints the clients in one locality use. */
export interface ServedFrom {
  from: Locality
  served: readonly Served[]
}

/** Everything that `mesh locality status` shows. */
export interface LocalityStatusData {
  localities: readonly LocalityRow[]
  host?: {host: string; source: string; from: readonly ServedFrom[]}
  findings: readonly ReportedFinding[]
}

/** Formats the status as tables, followed by the findings, or as JSON or YAML. */
export function formatLocalityStatus(data: LocalityStatusData, format: 'json' | 'yaml' | 'wide' | undefined): string {
  if (format === 'json') return `${JSON.stringify(asData(data), null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(asData(data))))
  const parts = [localitiesTable(data.localities)]
  if (data.host) parts.push(servedTable(data.host))
  if (data.findings.length > 0) parts.push(formatFindings(data.findings))
  return parts.join('\n')
}

function localitiesTable(localities: readonly LocalityRow[]): string {
  const largest = Math.max(1, ...localities.map(({endpoints}) => endpoints))
  return formatTable(
    ['region', 'zone', 'subzone', 'nodes', 'endpoints', ''],
    localities.map(({locality: {region, zone, subzone}, nodes, endpoints}) => [
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
  const header = ['client in', 'priority', 'served by', 'endpoints', 'why']
  return `${escapeLine(`${host}   (${source})`)}\n${formatTable(header, from.flatMap(servedRows))}`
}

function servedRows({from, served}: ServedFrom): string[][] {
  if (served.length === 0) return [[formatLocality(from), '-', 'no endpoint', '0', '']]
  return served.map(({group, priority, share, why}, at) => [
    at === 0 ? formatLocality(from) : '',
    share === undefined ? String(priority) : `${share}%`,
    [formatLocality(group.locality), ...Object.entries(group.labels).map(pair => pair.join('='))].join(' '),
    String(group.count),
    why,
  ])
}

/** The data of `-o json`. Its keys are stable. */
function asData({localities, host, findings}: LocalityStatusData) {
  return {
    places: localities.map(({locality, nodes, endpoints}) => ({...locality, nodes, endpoints})),
    ...(host
      ? {
          host: host.host,
          source: host.source,
          servedFrom: host.from.map(({from, served}) => ({from: formatLocality(from), served: served.map(servedData)})),
        }
      : {}),
    findings,
  }
}

function servedData({group, priority, share, why}: Served) {
  return {
    priority,
    ...(share === undefined ? {} : {share}),
    locality: formatLocality(group.locality),
    ...(Object.keys(group.labels).length > 0 ? {labels: group.labels} : {}),
    endpoints: group.count,
    why,
  }
}
