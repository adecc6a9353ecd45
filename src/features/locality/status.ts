import type {ControlPlaneRef} from '../../control-plane/read.ts'
import type {Cluster} from '../../engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {coversHost, hostOfRule, type MeshHost, readMeshHost} from '../../istio/mesh-host.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {formatLocality, type Locality, localityLabels, localityOfNode, matchesLocality, parseLocality} from './istio.ts'
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
import {localityListing} from './status/report.ts'
import {formatLocalitySvg} from './status/report-svg.ts'
import type {LocalityRow, LocalityStatusData, ServedFrom} from './status/report-types.ts'
import {type LocalityStatus, localityStatusFields, validateLocalityStatus} from './status/spec.ts'

/**
 * Shows the localities of nodes and endpoints, and which endpoints the clients of a host use. Only reads.
 *
 * @param context kubeconfig context; '' for the current one
 * @param wait the exit code is 5 as long as there are findings
 * @throws MeshError (exit 2) for invalid input, (exit 3) if the host does not exist
 */
export async function localityStatus(
  raw: RawSpec<typeof localityStatusFields>,
  context: string,
  run: ListRun,
  wait: boolean,
): Promise<ExitCode> {
  const status = await readStatus(raw, context, run)
  printListing(run, localityListing(status, new Date()))
  return wait && status.findings.length > 0 ? exitCodes.check : exitCodes.ok
}

/**
 * Draws the same as an SVG file.
 *
 * @throws as `localityStatus`
 */
export async function drawLocalityStatus(
  raw: RawSpec<typeof localityStatusFields>,
  context: string,
  run: Pick<ListRun, 'access' | 'terminal'>,
): Promise<ExitCode> {
  run.terminal.print(formatLocalitySvg(await readStatus(raw, context, run)))
  return exitCodes.ok
}

async function readStatus(
  raw: RawSpec<typeof localityStatusFields>,
  context: string,
  run: Pick<ListRun, 'access' | 'terminal'>,
): Promise<LocalityStatusData> {
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
  return {localities, ...(shown ? {host: shown} : {}), findings}
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
  const nodes = Map.groupBy(facts.nodes, ({metadata}) => formatLocality(localityOfNode(metadata.labels)))
  const endpoints = Map.groupBy(allEndpoints(facts), ({locality}) => formatLocality(locality))
  const rows = [...new Set([...nodes.keys(), ...endpoints.keys()])].map((key): [string, LocalityRow] => {
    const [here = [], served = []] = [nodes.get(key), endpoints.get(key)]
    const locality = here[0] ? localityOfNode(here[0].metadata.labels) : served[0]!.locality
    const created = here.flatMap(({metadata}) => metadata.creationTimestamp ?? []).sort()[0] ?? null
    const nodeNames = here.map(({metadata}) => metadata.name).sort()
    return [key, {locality, nodes: here.length, endpoints: served.length, nodeNames, created}]
  })
  return sortedValues(new Map(rows))
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
