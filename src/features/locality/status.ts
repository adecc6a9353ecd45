import {type ExitCode, exitCodes, refusedError} from '../../errors.ts'
import {runChecks} from '../../findings/check.ts'
import {readMeshHost} from '../../istio/mesh-host.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {withContextNamespace} from '../../run/where.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {allEndpoints, localityChecks} from './checks.ts'
import {scopeOf} from './checks-balance.ts'
import {
  fitsLocality,
  formatLocality,
  type Locality,
  type LocalitySetting,
  localityLabels,
  parseLocality,
  serve,
} from './istio.ts'
import {effectiveBalancing, ruleOf} from './istio-balancing.ts'
import {
  endpointsOf,
  groupEndpoints,
  holderOfHost,
  type LocalityFacts,
  nodePlaces,
  readLocalityFacts,
  trafficDistributionOf,
} from './read.ts'
import {formatLocalityStatus, type PlaceRow} from './report.ts'
import {type LocalityStatus, localityStatusFields, localityStatusProblems} from './spec-balance.ts'

/** Shows where nodes and endpoints are, and for a host who would serve whom. Only reads. */
export async function localityStatus(
  raw: RawSpec<typeof localityStatusFields>,
  context: string,
  run: ReadRun,
): Promise<ExitCode> {
  const said = withContextNamespace(raw, context, run.access)
  const spec = readSpec(localityStatusFields, said, localityStatusProblems)
  const facts = await readLocalityFacts(await connect(run.access, context), spec)
  const host = spec.host === undefined ? undefined : hostStatus(spec.host, spec, facts)
  if (spec.from !== undefined && !placeRows(facts).some(({locality}) => fitsLocality(locality, spec.from!)))
    run.terminal.message(`warning: nothing is in ${spec.from}; a client there would be served like this`)
  const findings = runChecks(localityChecks, {spec, facts, host: host?.subject})
  const data = {places: placeRows(facts), ...(host ? {host: host.shown} : {}), findings}
  run.terminal.print(formatLocalityStatus(data, run.output))
  return exitCodes.ok
}

function placeRows(facts: LocalityFacts): PlaceRow[] {
  const rows = new Map<string, PlaceRow>()
  const add = (locality: Locality, what: 'nodes' | 'endpoints') => {
    const key = formatLocality(locality)
    const row = rows.get(key) ?? {locality, nodes: 0, endpoints: 0}
    rows.set(key, {...row, [what]: row[what] + 1})
  }
  for (const place of nodePlaces(facts).values()) add(place, 'nodes')
  for (const {locality} of allEndpoints(facts)) add(locality, 'endpoints')
  return [...rows].sort(([a], [b]) => a.localeCompare(b, 'en', {numeric: true})).map(([, row]) => row)
}

function hostStatus(text: string, spec: LocalityStatus, facts: LocalityFacts) {
  const host = readMeshHost(text, spec.namespace ?? 'default', spec.clusterDomain)
  const holder = holderOfHost(host, facts)
  if (!holder)
    throw refusedError(
      `${host.host} is neither a Service nor a host of a ServiceEntry`,
      'kubectl get services,serviceentries -A',
    )
  const endpoints = endpointsOf(holder, facts)
  const rule = ruleOf(host.host, facts.rules, scopeOf(host, facts, spec))
  const effective = effectiveBalancing({
    rule,
    trafficDistribution: trafficDistributionOf(holder, facts),
    mesh: facts.mesh.localityLbSetting as LocalitySetting | undefined,
  })
  const places: readonly string[] = Object.values(localityLabels)
  const asked = (effective.setting?.failoverPriority ?? [])
    .map(label => label.split('=')[0]!)
    .filter(label => !places.includes(label))
  const groups = groupEndpoints(endpoints, asked)
  const clients = spec.from === undefined ? clientPlaces(facts) : [parseLocality(spec.from)]
  const from = effective.zoneAware
    ? []
    : clients.map(locality => ({from: locality, served: serve({locality, labels: {}}, groups, effective)}))
  return {
    subject: {name: host.host, endpoints, effective, hasRule: rule !== undefined},
    shown: {host: host.host, source: effective.source, from},
  }
}

/** Where clients may be: wherever nodes are. */
function clientPlaces(facts: LocalityFacts): Locality[] {
  const places = new Map([...nodePlaces(facts).values()].map(place => [formatLocality(place), place]))
  return [...places].sort(([a], [b]) => a.localeCompare(b, 'en', {numeric: true})).map(([, place]) => place)
}
