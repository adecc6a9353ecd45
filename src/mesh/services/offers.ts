import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {type GatewayAddress, gatewayAddressOf} from './gateway-address.ts'
import {type Exporter, exportLabel, globalHost} from './objects.ts'
import {meshPortsOf} from './ports.ts'
import type {ExportingCluster} from './read.ts'
import {
  invalidExporter,
  noGatewayAddress,
  notExposed,
  notWatched,
  noWorkloads,
  type Reason,
  unsupportedService,
} from './refusals.ts'
import {exporterProblem} from './validate-exporter.ts'
import {localityOf, workloadsOf} from './workloads.ts'

/** A service that a cluster can export. */
export interface Offer {
  name: string
  namespace: string
  /** Name of the exporting cluster. */
  cluster: string
  exporter: Exporter
  /** Limitations that the user may not expect. */
  notes: string[]
}

/** A service that a cluster cannot export or import. */
export interface Refusal extends Reason {
  name: string
  namespace: string
  cluster: string
}

/**
 * Determines which of the selected services a cluster can export.
 *
 * @param known identities of earlier exports by host, for services that have no pods now
 */
export function offersOf(
  exporting: ExportingCluster,
  clusterDomain: string,
  known: ReadonlyMap<string, readonly string[]>,
): {offers: Offer[]; refusals: Refusal[]} {
  const source: Source = {
    exporting,
    clusterDomain,
    known,
    gateway: gatewayAddressOf(exporting),
    locality: localityOf(exporting.nodes ?? []),
  }
  const results = exporting.services.map(service => offerOf(service, source))
  return {
    offers: results.filter(result => 'exporter' in result),
    refusals: results.filter(result => 'reason' in result),
  }
}

/** What all services of a cluster have in common. */
interface Source {
  exporting: ExportingCluster
  clusterDomain: string
  known: ReadonlyMap<string, readonly string[]>
  gateway: GatewayAddress | undefined
  locality: string | undefined
}

function offerOf(service: KubernetesObject, source: Source): Offer | Refusal {
  const {exporting, clusterDomain, known, gateway, locality} = source
  const {name, namespace = ''} = service.metadata
  const about = {name, namespace, cluster: exporting.name}
  const ports = meshPortsOf(service)
  const workloads = workloadsOf(service, exporting)
  const identities = workloads.identities.length > 0 ? workloads.identities : (known.get(globalHost(about)) ?? [])
  const reason = unsupportedService(service, ports) ?? reasonAgainst(about, identities, source)
  if (reason) return {...about, ...reason}
  const {addresses, port} = gateway!
  const exporter: Exporter = {
    addresses,
    port,
    network: exporting.network,
    locality,
    identities,
    ports: ports.ports,
    clusterDomain,
    byLabel: isLabelled(service) ? true : undefined,
  }
  const problem = exporterProblem(exporter, namespace)
  if (problem !== undefined) return {...about, ...invalidExporter(about, problem)}
  const hasPlainPods = workloads.identities.length > 0 && !workloads.hasMtls
  return {...about, exporter, notes: notesOf(ports.udp, hasPlainPods)}
}

function reasonAgainst(
  about: {name: string; namespace: string; cluster: string},
  identities: readonly string[],
  {exporting, clusterDomain, gateway}: Source,
): Reason | undefined {
  return (
    notWatched(exporting, about.namespace) ??
    (identities.length === 0 ? noWorkloads(about, exporting.context) : undefined) ??
    notExposed(exporting, about, clusterDomain) ??
    (gateway ? undefined : noGatewayAddress(exporting))
  )
}

function isLabelled({metadata}: KubernetesObject): boolean {
  return metadata.labels?.[exportLabel] === 'true'
}

function notesOf(udp: readonly number[], hasPlainPods: boolean): string[] {
  const notes: string[] = []
  if (udp.length > 0) notes.push(`its UDP ports (${udp.join(', ')}) are not exported: gateways do not forward them`)
  if (hasPlainPods) notes.push('none of its pods has a sidecar, so none can receive mTLS')
  return notes
}
