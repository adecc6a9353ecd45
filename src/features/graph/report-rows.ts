import {count} from '../../text/count.ts'
import {labelOfKind} from './report-documents.ts'
import type {GraphCluster, GraphState} from './report-types.ts'

/** A line in a box. */
export interface Row {
  kind: 'ca' | 'gateway' | 'tenant' | 'vm' | 'locality' | 'resource' | 'problem' | 'service'
  label: string
  value: string
  state: GraphState
}

/** A box shows at most this number of rows of one kind. The data and the details of the HTML page are complete. */
const mostOfKind = 6

/** Returns the rows of a cluster's box. */
export function rowsOf(cluster: GraphCluster): Row[] {
  return allRowsOf(cluster, mostOfKind)
}

/** Returns the rows of a cluster's box without a limit. */
export function everyRowOf(cluster: GraphCluster): Row[] {
  return allRowsOf(cluster, Number.POSITIVE_INFINITY)
}

function allRowsOf(cluster: GraphCluster, most: number): Row[] {
  const {gateways, tenants, vms, localities, resources, problems} = cluster
  const known = localities.filter(({locality}) => locality !== '-')
  return [
    ...caRows(cluster),
    ...shorten(gateways.map(gatewayRow), most),
    ...shorten(tenants.map(tenantRow), most),
    ...shorten(vms.map(vmRow), most),
    ...shorten(known.map(localityRow), most),
    ...[...Map.groupBy(resources, ({kind}) => kind).values()].flatMap(group => shorten(group.map(resourceRow), most)),
    ...shorten(problems.map(problemRow), most),
  ]
}

function caRows({ca}: GraphCluster): Row[] {
  if (!ca) return []
  const {root, sameRoot, daysLeft, state} = ca
  const life = daysLeft === null ? [] : [daysLeft < 0 ? 'expired' : `${daysLeft}d left`]
  const parts = [
    ...(root === null ? [] : [`root ${root}`]),
    ...(root === null || sameRoot ? [] : ['different root']),
    ...life,
  ]
  return [{kind: 'ca', label: 'CA', value: parts.join(', '), state}]
}

function gatewayRow({addresses}: GraphCluster['gateways'][number]): Row {
  const hasAddress = addresses.length > 0
  const value = hasAddress ? addresses.join(', ') : 'no address'
  return {kind: 'gateway', label: 'gateway', value, state: hasAddress ? 'ok' : 'broken'}
}

function tenantRow({name, istio, ready, replicas, namespaces}: GraphCluster['tenants'][number]): Row {
  const version = istio === null ? '' : ` ${istio}`
  const value = `${name}${version}, ${ready}/${replicas} ready, ${count(namespaces, 'namespace')}`
  return {kind: 'tenant', label: 'tenant', value, state: ready > 0 ? 'ok' : 'warning'}
}

function vmRow({name, namespace, address, health, connected}: GraphCluster['vms'][number]): Row {
  const facts = [
    ...(address === null ? [] : [address]),
    ...(health === 'unknown' ? [] : [health]),
    ...(connected === false ? ['disconnected'] : []),
  ]
  const isUnwell = health === 'unhealthy' || connected === false
  const value = [`${namespace}/${name}`, ...facts].join(', ')
  return {kind: 'vm', label: 'VM', value, state: isUnwell ? 'warning' : 'ok'}
}

function localityRow({locality, nodes, endpoints}: GraphCluster['localities'][number]): Row {
  const counts = [
    ...(nodes > 0 ? [count(nodes, 'node')] : []),
    ...(endpoints > 0 ? [count(endpoints, 'endpoint')] : []),
  ]
  const value = [locality, ...counts].join(', ')
  return {kind: 'locality', label: 'locality', value, state: 'ok'}
}

function resourceRow({kind, text}: GraphCluster['resources'][number]): Row {
  return {kind: 'resource', label: labelOfKind(kind), value: text, state: 'planned'}
}

function problemRow({state, check, message}: GraphCluster['problems'][number]): Row {
  return {
    kind: 'problem',
    label: state === 'broken' ? 'error' : 'warning',
    value: check === null ? message : `${check}: ${message}`,
    state,
  }
}

/** Appends the ID of the check that found a problem. */
export function withCheck(message: string, check: string | null): string {
  return check === null ? message : `${message} (${check})`
}

function shorten(rows: readonly Row[], most: number): Row[] {
  if (rows.length <= most) return [...rows]
  const [first] = rows
  const left = rows.slice(most - 1)
  const state =
    left.find(row => row.state === 'broken')?.state ?? left.find(row => !isFine(row.state))?.state ?? first!.state
  return [...rows.slice(0, most - 1), {...first!, value: `and ${left.length} more`, state}]
}

/** Returns whether something works as far as is known. */
export function isFine(state: GraphState): boolean {
  return state === 'ok' || state === 'planned'
}
