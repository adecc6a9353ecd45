import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {coversHost, hostOfRule, type MeshHost, readMeshHost} from '../../istio/mesh-host.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatLocality, type Locality, localityLabels, matchesLocality, parseLocality} from './istio.ts'
import {type Effective, effectiveBalancing, ruleOf, scopeOf, trafficDistributionOf} from './istio-balancing.ts'
import {
  allEndpoints,
  endpointsOf,
  findService,
  groupEndpoints,
  type LocalEndpoint,
  nodeLocalities,
} from './istio-endpoints.ts'
import {type LocalitySetting, serve} from './istio-serve.ts'
import {type LocalityFacts, readLocalityFacts} from './read.ts'
import {statusChecks} from './status/checks.ts'
import {formatLocalityStatus, type LocalityRow, type ServedFrom} from './status/report.ts'
import {type LocalityStatus, localityStatusFields, validateLocalityStatus} from './status/spec.ts'

/**
 * Shows the localities of nodes and endpoints, and which endpoints the clients of a host use. Only reads.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws MeshError (exit 2) for invalid input, (exit 3) if the host does not exist
 */
export async function localityStatus(
  raw: RawSpec<typeof localityStatusFields>,
  context: string,
  run: ReadRun,
): Promise<ExitCode> {
  const input = withContextNamespace(raw, context, run.access)
  const asked = readSpec(localityStatusFields, input, validateLocalityStatus)
  const facts = await readLocalityFacts(await connect(run.access, context), asked)
  const spec = {...asked, revision: facts.revision}
  const host = spec.host === undefined ? undefined : hostStatus(spec.host, spec, facts)
  const localities = localityRows(facts)
  const {from} = spec
  if (from !== undefined && !localities.some(({locality}) => matchesLocality(locality, from)))
    run.terminal.message(`warning: no node or endpoint is in ${from}; the output is for a client that would run there`)
  const findings = runChecks(statusChecks, {spec, facts, host})
  const shown = host && {host: host.name, source: host.effective.source, from: servedFrom(host, spec, facts)}
  run.terminal.print(formatLocalityStatus({localities, ...(shown ? {host: shown} : {}), findings}, run.output))
  return exitCodes.ok
}

/**
 * Reads how many nodes and endpoints each locality of a cluster has.
 *
 * @throws ApiError, UnreachableError
 */
export async function readLocalityRows(cluster: Cluster, where: ControlPlaneRef): Promise<LocalityRow[]> {
  return localityRows(await readLocalityFacts(cluster, where))
}

function localityRows(facts: LocalityFacts): LocalityRow[] {
  const rows = new Map<string, LocalityRow>()
  const add = (locality: Locality, counted: 'nodes' | 'endpoints') => {
    const key = formatLocality(locality)
    const row = rows.get(key) ?? {locality, nodes: 0, endpoints: 0}
    rows.set(key, {...row, [counted]: row[counted] + 1})
  }
  for (const locality of nodeLocalities(facts).values()) add(locality, 'nodes')
  for (const {locality} of allEndpoints(facts)) add(locality, 'endpoints')
  return sortedValues(rows)
}

function sortedValues<T>(byLocality: ReadonlyMap<string, T>): T[] {
  return [...byLocality].sort(([a], [b]) => a.localeCompare(b, 'en', {numeric: true})).map(([, value]) => value)
}

interface HostStatus {
  name: string
  endpoints: LocalEndpoint[]
  effective: Effective
  /** DestinationRules for the host with the label of another revision. */
  unread: KubernetesObject[]
}

function hostStatus(text: string, spec: LocalityStatus, facts: LocalityFacts): HostStatus {
  const host: MeshHost = readMeshHost(text, spec.namespace ?? 'default', spec.clusterDomain)
  const service = findService(host, facts)
  if (!service)
    throw refusedError(
      `${host.host} is neither a Service nor a host of a ServiceEntry`,
      'kubectl get services,serviceentries -A',
    )
  const effective = effectiveBalancing({
    rule: ruleOf(host.host, facts.rules, scopeOf(host, facts, spec)),
    trafficDistribution: trafficDistributionOf(service, facts),
    mesh: facts.mesh.localityLbSetting as LocalitySetting | undefined,
  })
  const unread = facts.unreadRules.filter(rule => coversHost(hostOfRule(rule, spec.clusterDomain), host.host))
  return {name: host.host, endpoints: endpointsOf(service, facts), effective, unread}
}

function servedFrom({endpoints, effective}: HostStatus, spec: LocalityStatus, facts: LocalityFacts): ServedFrom[] {
  if (effective.zoneAware) return []
  const groups = groupEndpoints(endpoints, comparedLabels(effective))
  const clients = spec.from === undefined ? clientLocalities(facts) : [parseLocality(spec.from)]
  return clients.map(locality => ({from: locality, served: serve({locality, labels: {}}, groups, effective)}))
}

/** The labels that `failoverPriority` lists, without those of the locality itself. */
function comparedLabels({setting}: Effective): string[] {
  const ofLocality: readonly string[] = Object.values(localityLabels)
  const labels = (setting?.failoverPriority ?? []).map(text => text.split('=')[0]!)
  return labels.filter(label => !ofLocality.includes(label))
}

/** The localities in which clients may run: those of all nodes. */
function clientLocalities(facts: LocalityFacts): Locality[] {
  return sortedValues(
    new Map([...nodeLocalities(facts).values()].map(locality => [formatLocality(locality), locality])),
  )
}
