import type {ReportedFinding} from '../../findings/check.ts'
import {gatewayEndpointsOf, isReachedByNodes} from '../../mesh/gateways/endpoints.ts'
import type {MeshMember} from '../../mesh/members.ts'
import {neededGateways} from '../../mesh/primary-remote.ts'
import {globalHost} from '../../mesh/services/objects.ts'
import {parseImports} from '../../mesh/services/parse-import.ts'
import {shortFingerprint} from '../../pki/fingerprint.ts'
import {daysUntil} from '../../text/duration.ts'
import {hostPort} from '../../text/host-port.ts'
import type {ClusterFacts, ClusterParts, GraphFacts, LocalityFacts, TenantFacts, VmFacts} from './facts.ts'
import {linksOf} from './report-links.ts'
import type {Graph, GraphCluster, GraphExport, GraphGateway, GraphProblem, GraphState} from './report-types.ts'

/** A CA that expires sooner is marked. */
const caWarningDays = 30

/** Returns the graph of what was read. Lists are sorted, so that equal clusters give an equal graph. */
export function graphOf(facts: GraphFacts): Graph {
  const {report, members} = facts
  const {findings, mode, now} = report
  return {
    mode,
    time: now.toISOString(),
    clusters: report.rows.map(row => clusterOf(row, facts)),
    links: linksOf(report),
    exports: exportsOf(members),
    problems: findings.filter(({cluster}) => cluster === undefined).map(problemOf),
  }
}

function clusterOf(row: ClusterFacts, facts: GraphFacts): GraphCluster {
  const {context, cluster, primary, error} = row
  const {findings, now} = facts.report
  const parts = facts.parts.get(cluster)
  const own = [...findings.filter(finding => finding.cluster === cluster), ...(parts?.unread ?? [])]
  const unread: GraphProblem[] = error
    ? [{state: 'broken', check: null, message: `${error.state}: ${error.message}`}]
    : []
  const problems = [...unread, ...own.map(problemOf)]
  const member = facts.members.find(one => one.cluster === cluster && one.context === context)
  return {
    name: cluster,
    context,
    network: nullable(row.network),
    istio: nullable(row.istio),
    primary: primary ?? null,
    state: worstOf(problems.map(({state}) => state)),
    ca: caOf(row, now),
    gateways: member ? gatewaysOf(member, facts.members) : [],
    ...partsOf(parts, facts.systemNamespace),
    resources: [],
    problems,
  }
}

function partsOf(
  parts: ClusterParts | undefined,
  systemNamespace: string,
): Pick<GraphCluster, 'tenants' | 'vms' | 'localities'> {
  return {
    // The control plane of the mesh is the cluster itself.
    tenants: (parts?.tenants ?? []).filter(({namespace}) => namespace !== systemNamespace).map(tenantOf),
    vms: (parts?.vms ?? []).map(vmOf),
    localities: (parts?.localities ?? []).map(localityOf),
  }
}

function caOf({root, sameRoot, caExpires}: ClusterFacts, now: Date): GraphCluster['ca'] {
  const fingerprint = nullable(root)
  const daysLeft = caExpires ? daysUntil(caExpires, now) : null
  if (fingerprint === null && daysLeft === null) return null
  const isOther = fingerprint !== null && !sameRoot
  return {
    root: fingerprint === null ? null : shortFingerprint(fingerprint),
    sameRoot,
    expires: caExpires?.toISOString() ?? null,
    daysLeft,
    state: isOther ? 'broken' : stateOfLife(daysLeft),
  }
}

function stateOfLife(daysLeft: number | null): GraphState {
  if (daysLeft === null || daysLeft >= caWarningDays) return 'ok'
  return daysLeft < 0 ? 'broken' : 'warning'
}

function gatewaysOf(member: MeshMember, all: readonly MeshMember[]): GraphGateway[] {
  const reachable = all.filter(({facts}) => facts !== undefined)
  return neededGateways(member, reachable).map(service => ({
    name: service.metadata.name,
    namespace: service.metadata.namespace ?? '',
    addresses: gatewayEndpointsOf(service, member.facts?.nodes).map(({address, port}) =>
      isReachedByNodes(service) ? hostPort(address, port) : address,
    ),
  }))
}

function exportsOf(members: readonly MeshMember[]): GraphExport[] {
  const services = new Map<string, {exporters: Set<string>; importers: Set<string>}>()
  for (const {cluster, facts} of members)
    for (const {imported} of parseImports(facts?.imports ?? []).imports) {
      const service = globalHost(imported)
      const found = services.get(service) ?? {exporters: new Set(), importers: new Set()}
      services.set(service, found)
      found.importers.add(cluster)
      for (const exporter of Object.keys(imported.exporters)) found.exporters.add(exporter)
    }
  return [...services]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([service, {exporters, importers}]) => ({
      service,
      exporters: [...exporters].sort(),
      importers: [...importers].sort(),
    }))
}

function tenantOf({tenant, namespace, revision, version, ready, replicas, namespaces}: TenantFacts) {
  return {name: tenant, namespace, revision, istio: version ?? null, ready, replicas, namespaces: namespaces.length}
}

function vmOf({namespace, group, entry, address, health, connected}: VmFacts) {
  return {name: group ?? entry ?? '', namespace, address: address ?? null, health, connected: connected ?? null}
}

function localityOf({locality: {region, zone, subzone}, nodes, endpoints}: LocalityFacts) {
  return {locality: [region, zone, subzone].join('/').replace(/\/+$/, '') || '-', nodes, endpoints}
}

function problemOf({level, check, message}: ReportedFinding): GraphProblem {
  return {state: level === 'error' ? 'broken' : 'warning', check, message}
}

/** A value that does not exist is null for programs. */
function nullable(text: string): string | null {
  return text === '-' ? null : text
}

function worstOf(states: readonly GraphState[]): GraphState {
  if (states.includes('broken')) return 'broken'
  return states.includes('warning') ? 'warning' : 'ok'
}
