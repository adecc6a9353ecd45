import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {commonPorts, type Exporter, globalHost, type ServiceImport} from './objects.ts'
import type {Offer, Refusal} from './offers.ts'
import {ownAddressFor} from './own-address.ts'
import type {ImportingCluster} from './read.ts'

/** What a cluster is to import, and what of the offers it can't. */
export interface Wanted {
  imports: ServiceImport[]
  refusals: Refusal[]
  /** What works less than someone may think, by service. */
  notes: {name: string; namespace: string; text: string}[]
}

/** A service of one exporter. */
export interface ServiceOf {
  name: string
  namespace: string
  /** Name of the exporting cluster. */
  cluster: string
}

/**
 * What a cluster imports after some offers and without what `withdrawn` takes back: other exporters of the same service
 * stay, and so does everything else. A cluster does not import from itself.
 */
export function wantedImports(
  importing: ImportingCluster,
  offers: readonly Offer[],
  withdrawn: (service: ServiceOf, exporter: Exporter) => boolean,
): Wanted {
  const byHost = new Map<string, ServiceImport>()
  for (const imported of importing.imports) {
    const {name, namespace} = imported
    const exporters = Object.entries(imported.exporters).filter(
      ([cluster, exporter]) => !withdrawn({name, namespace, cluster}, exporter),
    )
    if (exporters.length > 0) byHost.set(globalHost(imported), {...imported, exporters: Object.fromEntries(exporters)})
  }
  const refusals: Refusal[] = []
  for (const {name, namespace, cluster, exporter} of offers) {
    if (cluster === importing.name) continue
    const before = byHost.get(globalHost({name, namespace}))
    const imported = {
      name,
      namespace,
      addresses: before?.addresses ?? [],
      exporters: {...before?.exporters, [cluster]: exporter},
    }
    const refusal = takenBy(importing, imported) ?? atOdds(imported)
    if (refusal) refusals.push({name, namespace, cluster: importing.name, ...refusal})
    else byHost.set(globalHost(imported), imported)
  }
  const imports = [...byHost].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, imported]) => imported)
  return {imports: withAddresses(importing, imports), refusals, notes: imports.flatMap(portNotes)}
}

/** A host that someone else's ServiceEntry has is theirs. */
function takenBy({othersEntries}: ImportingCluster, service: ServiceImport) {
  const host = globalHost(service)
  const other = othersEntries.find(({spec}) => ((spec as {hosts?: string[]} | undefined)?.hosts ?? []).includes(host))
  if (!other) return undefined
  const {name, namespace} = other.metadata
  return {
    reason: `can't be known there: ServiceEntry ${namespace}/${name} of others has the host ${host}`,
    hint: `delete that ServiceEntry (and its DestinationRule), or leave this cluster out of --to`,
  }
}

/** One host has one SNI and one protocol a port, whoever exports it. */
function atOdds(imported: ServiceImport) {
  const exporters = Object.entries(imported.exporters)
  const domains = new Set(exporters.map(([, {clusterDomain}]) => clusterDomain))
  const names = exporters.map(([cluster]) => cluster).join(', ')
  if (domains.size > 1)
    return {
      reason: `is in different DNS domains (${[...domains].join(', ')}) in ${names}`,
      hint: 'export it from clusters of one domain only',
    }
  if (commonPorts(imported).length > 0) return undefined
  return {
    reason: `has no port that is the same in ${names}`,
    hint: 'give it a port with one number and one protocol (name or appProtocol) everywhere',
  }
}

function portNotes(imported: ServiceImport): Wanted['notes'] {
  const {name, namespace, exporters} = imported
  const common = commonPorts(imported).map(({number}) => number)
  return Object.entries(exporters).flatMap(([cluster, {ports}]) => {
    const others = ports.map(({number}) => number).filter(number => !common.includes(number))
    return others.length === 0
      ? []
      : [
          {
            name,
            namespace,
            text: `port ${others.join(', ')} of ${cluster} is left out: its other exporters have it not, or otherwise`,
          },
        ]
  })
}

/** Where the cluster's DNS gives out the names, they get addresses of ours: proxies take istiod's only for their own DNS. */
function withAddresses(importing: ImportingCluster, imports: readonly ServiceImport[]): ServiceImport[] {
  if ((importing.record?.dns ?? 'istio') === 'istio') return imports.map(imported => ({...imported, addresses: []}))
  const taken = new Set([
    ...importing.othersEntries.flatMap(entryAddresses),
    ...imports.flatMap(({addresses}) => addresses),
  ])
  return imports.map(imported => {
    if (imported.addresses.length > 0) return imported
    const address = ownAddressFor(globalHost(imported), taken)
    taken.add(address)
    return {...imported, addresses: [address]}
  })
}

/** What a ServiceEntry has of addresses, by itself or from istiod. */
export function entryAddresses({spec, status}: KubernetesObject): string[] {
  const {addresses = []} = (spec ?? {}) as {addresses?: string[]}
  const allocated = ((status ?? {}) as {addresses?: {value?: string}[]}).addresses ?? []
  return [...addresses, ...allocated.flatMap(({value}) => (value ? [value] : []))]
}
