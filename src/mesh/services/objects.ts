import {isIP} from 'node:net'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Remove} from '../../engine/kubernetes/change.ts'
import {managedByLabels, revisionLabels} from '../../engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {refusedError} from '../../errors.ts'
import {revisioned} from '../../istio/names.ts'
import type {MeshPort} from './ports.ts'

/** One cluster that exports a service, as others have to know it. */
export interface Exporter {
  /** Where its gateway is reached: IP addresses or host names, at least one. */
  addresses: readonly string[]
  /** Port of the gateway that passes mTLS on by its SNI, as it is reached. */
  port: number
  network: string
  /** `region/zone`, `region`, or undefined. */
  locality?: string | undefined
  /** What the service's workloads may prove to be: `spiffe://DOMAIN/ns/NS/sa/NAME`. */
  identities: readonly string[]
  ports: readonly MeshPort[]
  /** DNS domain of the cluster's Services, part of the SNI. */
  clusterDomain: string
  /** Exported by a label on the Service, and taken back when that goes. */
  byLabel?: true | undefined
}

/** A service of other clusters, as one cluster gets it. */
export interface ServiceImport {
  name: string
  namespace: string
  /** By cluster name; at least one. */
  exporters: Readonly<Record<string, Exporter>>
  /** Addresses of the name, where the cluster's DNS gives them out; none where istiod allocates. */
  addresses: readonly string[]
}

/** Where the objects of an import are made. */
export interface ImportPlace {
  cluster: string
  systemNamespace: string
  revision: string | undefined
}

/** On the ServiceEntry: all exporters, from which the objects are made anew when one comes or goes. */
export const exportersAnnotation = 'kubectl-mesh.io/exporters'

/** On an endpoint: the cluster that it leads to. */
const exporterLabel = 'kubectl-mesh.io/exporter'

/** Services with this label are exported by `mesh service export --watch`. */
export const exportLabel = 'mesh.kubectl-mesh.io/export'

/** The name of a service in the clusters that import it. */
export function globalHost(service: {name: string; namespace: string}): string {
  return `${service.name}.${service.namespace}.global`
}

/** The set of all imports of a cluster. */
export function servicesApplySet(place: {systemNamespace: string; revision: string | undefined}): ApplySet {
  return {
    name: revisioned('kubectl-mesh-services', place.revision),
    namespace: place.systemNamespace,
    kinds: [
      {apiVersion: 'networking.istio.io/v1', kind: 'ServiceEntry'},
      {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule'},
    ],
  }
}

/**
 * The ServiceEntry `<name>.<namespace>.global` whose endpoints are the exporters' gateways, and the DestinationRule by
 * which a proxy calls them with the SNI that names the service there: the gateways pass it on without ending the mTLS.
 *
 * Both are in the system namespace: it is there in every cluster, every control plane discovers it, and a `Sidecar` that
 * narrows what is seen commonly keeps `istio-system/*`. A rule applies to a host of its own namespace in all others.
 *
 * Only ports that all exporters have alike are offered, since one port has one SNI and one protocol for all of them.
 */
export function buildServiceImport(place: ImportPlace, imported: ServiceImport): Apply[] {
  const host = globalHost(imported)
  const {cluster, systemNamespace: namespace, revision} = place
  const labels = {...managedByLabels, ...revisionLabels(revision)}
  const exporters = Object.entries(imported.exporters).sort(([a], [b]) => (a < b ? -1 : 1))
  const ports = commonPorts(imported)
  const static_ = exporters.every(([, {addresses}]) => addresses.every(address => isIP(address)))
  const {clusterDomain} = exporters[0]![1]
  return [
    {
      action: 'apply',
      cluster,
      // before the host is known: no proxy may call a gateway with another SNI
      wave: waves.gateways,
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: {name: host, namespace, labels},
        spec: {
          host,
          exportTo: ['*'],
          trafficPolicy: {
            portLevelSettings: ports.map(({number}) => ({
              port: {number},
              tls: {
                mode: 'ISTIO_MUTUAL',
                sni: `outbound_.${number}_._.${imported.name}.${imported.namespace}.svc.${clusterDomain}`,
              },
            })),
          },
        },
      },
    },
    {
      action: 'apply',
      cluster,
      wave: waves.exposure,
      object: {
        apiVersion: 'networking.istio.io/v1',
        kind: 'ServiceEntry',
        metadata: {name: host, namespace, labels, annotations: {[exportersAnnotation]: textOf(exporters)}},
        spec: {
          hosts: [host],
          exportTo: ['*'],
          location: 'MESH_INTERNAL',
          resolution: static_ ? 'STATIC' : 'DNS',
          ...(imported.addresses.length > 0 ? {addresses: [...imported.addresses]} : {}),
          ports: ports.map(({name, number, protocol}) => ({name, number, ...(protocol ? {protocol} : {})})),
          subjectAltNames: [...new Set(exporters.flatMap(([, {identities}]) => identities))].sort(),
          endpoints: exporters.flatMap(([name, exporter]) =>
            exporter.addresses.map(address => ({
              address,
              ports: Object.fromEntries(ports.map(port => [port.name, exporter.port])),
              network: exporter.network,
              ...(exporter.locality ? {locality: exporter.locality} : {}),
              labels: {'security.istio.io/tlsMode': 'istio', [exporterLabel]: name},
            })),
          ),
        },
      },
    },
  ]
}

/** Takes an import's objects away, the name first. */
export function removeServiceImport(place: ImportPlace, service: {name: string; namespace: string}): Remove[] {
  const {cluster, systemNamespace: namespace} = place
  const remove = (kind: string, wave: Remove['wave']): Remove => ({
    action: 'remove',
    cluster,
    wave,
    target: {apiVersion: 'networking.istio.io/v1', kind, namespace, name: globalHost(service)},
  })
  return [remove('ServiceEntry', waves.exposure), remove('DestinationRule', waves.gateways)]
}

/** The ports that all exporters have with one number and one protocol, named as the first exporter does. */
export function commonPorts({exporters}: Pick<ServiceImport, 'exporters'>): MeshPort[] {
  const [first, ...others] = Object.entries(exporters)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, exporter]) => exporter)
  return (first?.ports ?? []).filter(({number, protocol}) =>
    others.every(({ports}) => ports.some(port => port.number === number && port.protocol === protocol)),
  )
}

/** An import without some exporters; none when that were all. */
export function withoutExporters(imported: ServiceImport, gone: readonly string[]): ServiceImport[] {
  const left = Object.entries(imported.exporters).filter(([cluster]) => !gone.includes(cluster))
  return left.length === 0 ? [] : [{...imported, exporters: Object.fromEntries(left)}]
}

/** Reads an import back from its ServiceEntry. Throws MeshError (exit 3) when its annotation was changed into something else. */
export function readServiceImport(entry: KubernetesObject): ServiceImport {
  const {hosts, addresses} = (entry.spec ?? {}) as {hosts?: string[]; addresses?: string[]}
  const [, name, namespace] = /^([^.]+)\.([^.]+)\.global$/.exec(hosts?.[0] ?? '') ?? []
  let exporters: unknown
  try {
    exporters = JSON.parse(entry.metadata.annotations?.[exportersAnnotation] ?? '')
  } catch {
    exporters = undefined
  }
  if (!name || !namespace || !areExporters(exporters))
    throw refusedError(
      `ServiceEntry ${entry.metadata.name} in ${entry.metadata.namespace}: the annotation ${exportersAnnotation} was changed and can't be read`,
      'delete the ServiceEntry and its DestinationRule of the same name, then export the service again',
    )
  return {name, namespace, exporters, addresses: addresses ?? []}
}

function areExporters(value: unknown): value is Record<string, Exporter> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const all = Object.values(value)
  return all.length > 0 && all.every(isExporter)
}

/** What is built from it again has to be there. */
function isExporter(value: unknown): value is Exporter {
  if (typeof value !== 'object' || value === null) return false
  const {addresses, port, network, identities, ports, clusterDomain} = value as Record<string, unknown>
  const areTexts = (list: unknown) => Array.isArray(list) && list.every(text => typeof text === 'string')
  const isPort = (one: unknown) => typeof (one as Partial<MeshPort> | null)?.number === 'number'
  return (
    areTexts(addresses) &&
    areTexts(identities) &&
    Array.isArray(ports) &&
    ports.every(isPort) &&
    typeof port === 'number' &&
    [network, clusterDomain].every(text => typeof text === 'string')
  )
}

function textOf(exporters: readonly [string, Exporter][]): string {
  return JSON.stringify(Object.fromEntries(exporters))
}
