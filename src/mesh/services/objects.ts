import {isIP} from 'node:net'
import type {ApplySet} from '../../engine/kubernetes/applyset.ts'
import type {Apply, Remove} from '../../engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../engine/kubernetes/object.ts'
import {waves} from '../../engine/kubernetes/waves.ts'
import {removalOf} from '../../engine/plan/prune.ts'
import {resourceLabels} from '../../istio/revision.ts'
import type {MeshPort} from './ports.ts'

/** A cluster that exports a service, as other clusters reach it. */
export interface Exporter {
  /** IP addresses or host names of its gateway, at least one. */
  addresses: readonly string[]
  /** Port of the gateway for mTLS with AUTO_PASSTHROUGH, as other clusters reach it. */
  port: number
  network: string
  /** `region/zone`, `region`, or undefined. */
  locality?: string | undefined
  /** SPIFFE IDs of the workloads of the service: `spiffe://DOMAIN/ns/NS/sa/NAME`. */
  identities: readonly string[]
  ports: readonly MeshPort[]
  /** DNS domain of the cluster's Services. It is part of the SNI. */
  clusterDomain: string
  /** Exported because of a label on the Service, and withdrawn when the label is removed. */
  byLabel?: true | undefined
}

/** A service of other clusters, as one cluster imports it. */
export interface ServiceImport {
  name: string
  namespace: string
  /** By cluster name; at least one. */
  exporters: Readonly<Record<string, Exporter>>
  /** Addresses of the name, if the DNS server of the cluster resolves it. Empty if istiod allocates them. */
  addresses: readonly string[]
}

/** Where the objects of an import are created. */
export interface ImportPlace {
  cluster: string
  systemNamespace: string
  /** Resolved, not a tag. */
  revision: string | undefined
  /** The control plane is a tenant: see `resourceLabels`. Default: false. */
  isTenant?: boolean
}

/** Annotation of the ServiceEntry with all exporters, from which the objects are built again when exporters change. */
export const exportersAnnotation = 'kubectl-mesh.io/exporters'

/** Label of an endpoint: the name of the cluster that it leads to. */
const exporterLabel = 'kubectl-mesh.io/exporter'

/** Label of Services that `mesh service export --watch` exports. */
export const exportLabel = 'mesh.kubectl-mesh.io/export'

const istioApi = 'networking.istio.io/v1'

/** The host of a service in the clusters that import it. */
export function globalHost(service: {name: string; namespace: string}): string {
  return `${service.name}.${service.namespace}.global`
}

/** Returns the ApplySet of all imports of a cluster. It does not depend on the revision, like that of a federation. */
export function servicesApplySet(place: {systemNamespace: string}): ApplySet {
  return {
    name: 'kubectl-mesh-services',
    namespace: place.systemNamespace,
    hadRevisions: true,
    contains: ({metadata}) => metadata.namespace === place.systemNamespace,
    kinds: [
      {apiVersion: istioApi, kind: 'ServiceEntry'},
      {apiVersion: istioApi, kind: 'DestinationRule'},
    ],
  }
}

/**
 * Builds the objects of an import: a ServiceEntry for `<name>.<namespace>.global`, whose endpoints are the gateways of the
 * exporters, and a DestinationRule. The rule sets the SNI by which the gateways route without terminating mTLS.
 *
 * Both are in the system namespace. It exists in every cluster, every control plane watches it, and `Sidecar` resources
 * commonly include `istio-system/*`. A DestinationRule in the namespace of the host applies in all namespaces.
 *
 * Only ports that all exporters have in common are included, because a port has one SNI and one protocol.
 */
export function buildServiceImport(place: ImportPlace, imported: ServiceImport): Apply[] {
  const apply = (wave: Apply['wave'], object: KubernetesObject): Apply => ({
    action: 'apply',
    cluster: place.cluster,
    wave,
    object,
  })
  return [
    // The rule comes before the host exists, so that no proxy calls a gateway with another SNI.
    apply(waves.gateways, destinationRule(place, imported)),
    apply(waves.exposure, serviceEntry(place, imported)),
  ]
}

function metadataOf({systemNamespace, revision, isTenant = false}: ImportPlace, imported: ServiceImport) {
  return {name: globalHost(imported), namespace: systemNamespace, labels: resourceLabels({isTenant, revision})}
}

function destinationRule(place: ImportPlace, imported: ServiceImport): KubernetesObject {
  const {name, namespace} = imported
  const {clusterDomain} = sortedExporters(imported)[0]![1]
  return {
    apiVersion: istioApi,
    kind: 'DestinationRule',
    metadata: metadataOf(place, imported),
    spec: {
      host: globalHost(imported),
      exportTo: ['*'],
      trafficPolicy: {
        portLevelSettings: commonPorts(imported).map(({number}) => ({
          port: {number},
          tls: {mode: 'ISTIO_MUTUAL', sni: `outbound_.${number}_._.${name}.${namespace}.svc.${clusterDomain}`},
        })),
      },
    },
  }
}

function serviceEntry(place: ImportPlace, imported: ServiceImport): KubernetesObject {
  const exporters = sortedExporters(imported)
  const ports = commonPorts(imported)
  const onlyIps = exporters.every(([, {addresses}]) => addresses.every(address => isIP(address)))
  const annotations = {[exportersAnnotation]: JSON.stringify(Object.fromEntries(exporters))}
  return {
    apiVersion: istioApi,
    kind: 'ServiceEntry',
    metadata: {...metadataOf(place, imported), annotations},
    spec: {
      hosts: [globalHost(imported)],
      exportTo: ['*'],
      location: 'MESH_INTERNAL',
      resolution: onlyIps ? 'STATIC' : 'DNS',
      ...(imported.addresses.length > 0 ? {addresses: [...imported.addresses]} : {}),
      ports: ports.map(({name, number, protocol}) => ({name, number, ...(protocol ? {protocol} : {})})),
      subjectAltNames: [...new Set(exporters.flatMap(([, {identities}]) => identities))].sort(),
      endpoints: exporters.flatMap(([cluster, exporter]) => endpointsOf(cluster, exporter, ports)),
    },
  }
}

function endpointsOf(cluster: string, exporter: Exporter, ports: readonly MeshPort[]) {
  return exporter.addresses.map(address => ({
    address,
    ports: Object.fromEntries(ports.map(port => [port.name, exporter.port])),
    network: exporter.network,
    ...(exporter.locality ? {locality: exporter.locality} : {}),
    labels: {'security.istio.io/tlsMode': 'istio', [exporterLabel]: cluster},
  }))
}

/** Builds the removals of objects of imports: each ServiceEntry before its DestinationRule. */
export function removeServiceImports(cluster: string, objects: readonly KubernetesObject[]): Remove[] {
  return objects.map(object =>
    removalOf(cluster, object, object.kind === 'ServiceEntry' ? waves.exposure : waves.gateways),
  )
}

/** The ports that all exporters have with the same number and protocol. Names are those of the first exporter. */
export function commonPorts(imported: Pick<ServiceImport, 'exporters'>): MeshPort[] {
  const [first, ...others] = sortedExporters(imported).map(([, exporter]) => exporter)
  return (first?.ports ?? []).filter(({number, protocol}) =>
    others.every(({ports}) => ports.some(port => port.number === number && port.protocol === protocol)),
  )
}

/** Returns an import without some exporters, or nothing if no exporter remains. */
export function withoutExporters(imported: ServiceImport, removed: readonly string[]): ServiceImport[] {
  const remaining = Object.entries(imported.exporters).filter(([cluster]) => !removed.includes(cluster))
  return remaining.length === 0 ? [] : [{...imported, exporters: Object.fromEntries(remaining)}]
}

function sortedExporters({exporters}: Pick<ServiceImport, 'exporters'>): [string, Exporter][] {
  return Object.entries(exporters).sort(([a], [b]) => (a < b ? -1 : 1))
}
