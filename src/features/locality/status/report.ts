import {ageText, type Listing} from '../../../terminal/list/listing.ts'
import {formatFindings} from '../../../terminal/output/marks.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {escapeLine} from '../../../text/escape-terminal.ts'
import {formatLocality} from '../istio.ts'
import type {Served} from '../istio-serve.ts'
import {formatBar} from './report-bar.ts'
import {groupText} from './report-shares.ts'
import type {LocalityRow, LocalityStatusData, ServedFrom} from './report-types.ts'

/** The status as a listing: one row per locality, with the priorities of a host and the findings below. */
export function localityListing({localities, host, findings}: LocalityStatusData, now: Date): Listing<LocalityRow> {
  const largest = Math.max(1, ...localities.map(({endpoints}) => endpoints))
  const served = host ? servedTable(host) : undefined
  const found = findings.length > 0 ? formatFindings(findings) : undefined
  return {
    rows: localities,
    columns: [
      {head: 'region', cell: ({locality}) => locality.region},
      {head: 'zone', cell: ({locality}) => locality.zone},
      {head: 'subzone', cell: ({locality}) => locality.subzone},
      {head: 'nodes', cell: ({nodes}) => String(nodes)},
      {head: 'endpoints', cell: ({endpoints}) => String(endpoints)},
      {head: 'share', cell: ({endpoints}) => formatBar(endpoints, largest)},
      {head: 'age', cell: ({created}) => ageText(created, now)},
      {head: 'node names', cell: ({nodeNames}) => nodeNames.join(', '), wide: true},
    ],
    document: places => ({places, ...(host ? hostData(host) : {}), findings}),
    item: ({locality, nodes, endpoints, nodeNames, created}) => ({...locality, nodes, endpoints, nodeNames, created}),
    name: ({locality}) => `locality/${formatLocality(locality)}`,
    state: ({nodes, locality}) => (nodes > 0 && locality.region === '' ? 'warning' : undefined),
    below: () => ['', served, found].filter(part => part !== undefined).join('\n'),
  }
}

function servedTable({host, source, from}: NonNullable<LocalityStatusData['host']>): string {
  const header = ['client in', 'priority', 'served by', 'endpoints', 'why']
  return `${escapeLine(`${host}   (${source})`)}\n${formatTable(header, from.flatMap(servedRows))}`
}

function servedRows({from, served}: ServedFrom): string[][] {
  if (served.length === 0) return [[formatLocality(from), '-', 'no endpoint', '0', '']]
  return served.map((one, at) => [
    at === 0 ? formatLocality(from) : '',
    one.share === undefined ? String(one.priority) : `${one.share}%`,
    groupText(one),
    String(one.group.count),
    one.why,
  ])
}

/** The part of the data that concerns a host. Its keys are stable. */
function hostData({host, source, from}: NonNullable<LocalityStatusData['host']>) {
  return {
    host,
    source,
    servedFrom: from.map(one => ({from: formatLocality(one.from), served: one.served.map(servedData)})),
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
