import {entryAddresses, entryHosts, withFixedAddresses} from './addresses.ts'
import {commonPorts, type Exporter, globalHost, type ServiceImport} from './objects.ts'
import type {Offer, Refusal} from './offers.ts'
import type {ImportingCluster} from './read.ts'
import type {Reason} from './refusals.ts'

/** What a cluster will import. */
export interface ImportPlan {
  imports: ServiceImport[]
  /** Offers that the cluster cannot import. */
  refusals: Refusal[]
  /** Limitations that the user may not expect, by service. */
  notes: {name: string; namespace: string; text: string}[]
}

/** A service of one exporter. */
export interface ExportedService {
  name: string
  namespace: string
  /** Name of the exporting cluster. */
  cluster: string
}

/**
 * Determines what a cluster imports after a change: existing imports, with new offers and without withdrawn ones. Other
 * exporters of the same service are kept. A cluster does not import from itself.
 *
 * @param isWithdrawn whether an exporter of a service is removed
 */
export function planImports(
  importing: ImportingCluster,
  offers: readonly Offer[],
  isWithdrawn: (service: ExportedService, exporter: Exporter) => boolean,
): ImportPlan {
  const byHost = remainingImports(importing.imports, isWithdrawn)
  const refusals: Refusal[] = []
  for (const offer of offers) {
    if (offer.cluster === importing.name) continue
    const {name, namespace} = offer
    const imported = withOffer(byHost.get(globalHost(offer)), offer)
    const reason = hostTaken(importing, imported) ?? incompatible(imported)
    if (reason) refusals.push({name, namespace, cluster: importing.name, ...reason})
    else byHost.set(globalHost(imported), imported)
  }
  const imports = [...byHost].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, imported]) => imported)
  return {imports: withAddresses(importing, imports), refusals, notes: imports.flatMap(portNotes)}
}

function remainingImports(
  imports: readonly ServiceImport[],
  isWithdrawn: (service: ExportedService, exporter: Exporter) => boolean,
): Map<string, ServiceImport> {
  const byHost = new Map<string, ServiceImport>()
  for (const imported of imports) {
    const {name, namespace} = imported
    const exporters = Object.entries(imported.exporters).filter(
      ([cluster, exporter]) => !isWithdrawn({name, namespace, cluster}, exporter),
    )
    if (exporters.length > 0) byHost.set(globalHost(imported), {...imported, exporters: Object.fromEntries(exporters)})
  }
  return byHost
}

function withOffer(before: ServiceImport | undefined, {name, namespace, cluster, exporter}: Offer): ServiceImport {
  const exporters = {...before?.exporters, [cluster]: exporter}
  return {name, namespace, addresses: before?.addresses ?? [], exporters}
}

/** Why a host cannot be imported: another ServiceEntry in the system namespace has it. */
function hostTaken({foreignEntries, invalid}: ImportingCluster, service: ServiceImport): Reason | undefined {
  const host = globalHost(service)
  const other = [...invalid, ...foreignEntries].find(entry => entryHosts(entry).includes(host))
  if (!other) return undefined
  const {name, namespace} = other.metadata
  const about = invalid.includes(other) ? 'which is not a valid import' : 'which kubectl-mesh does not manage'
  return {
    reason: `cannot be imported: ServiceEntry ${namespace}/${name}, ${about}, has the host ${host}`,
    hint: 'delete that ServiceEntry and its DestinationRule, or omit this cluster from --to',
  }
}

/** Why the exporters of a service cannot share a host, which has one SNI and one protocol per port. */
function incompatible(imported: ServiceImport): Reason | undefined {
  const exporters = Object.entries(imported.exporters)
  const domains = new Set(exporters.map(([, {clusterDomain}]) => clusterDomain))
  const names = exporters.map(([cluster]) => cluster).join(', ')
  if (domains.size > 1)
    return {
      reason: `has different DNS domains (${[...domains].join(', ')}) in ${names}`,
      hint: 'export it only from clusters with the same domain',
    }
  if (commonPorts(imported).length > 0) return undefined
  return {
    reason: `has no port in common in ${names}`,
    hint: 'use the same number and protocol (name or appProtocol) for a port in every cluster',
  }
}

function portNotes(imported: ServiceImport): ImportPlan['notes'] {
  const {name, namespace, exporters} = imported
  const common = commonPorts(imported).map(({number}) => number)
  return Object.entries(exporters).flatMap(([cluster, {ports}]) => {
    const others = ports.map(({number}) => number).filter(number => !common.includes(number))
    if (others.length === 0) return []
    const text = `port ${others.join(', ')} of ${cluster} is omitted: other exporters lack it or use another protocol`
    return [{name, namespace, text}]
  })
}

/** Names that istiod resolves need no address: it allocates one. */
function withAddresses(importing: ImportingCluster, imports: readonly ServiceImport[]): ServiceImport[] {
  if ((importing.record?.dns ?? 'istio') === 'istio') return imports.map(imported => ({...imported, addresses: []}))
  return withFixedAddresses(imports, [...importing.invalid, ...importing.foreignEntries].flatMap(entryAddresses))
}
