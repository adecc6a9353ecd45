import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {ObservedCluster} from '../../../../src/features/federate/verify/read.ts'
import {gatewaysRecordData} from '../../../../src/mesh/record.ts'
import {buildServiceImport} from '../../../../src/mesh/services/objects.ts'
import {offersOf} from '../../../../src/mesh/services/offers.ts'
import type {ExportingCluster} from '../../../../src/mesh/services/read.ts'
import {facts, gatewayService, member} from '../../../mesh/samples.ts'

/** The host of the sample service in the clusters that import it. */
export const host = 'hello.sample.global'

/** The Service that east exports. */
export const service: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'hello', namespace: 'sample'},
  spec: {selector: {app: 'hello'}, ports: [{name: 'http', port: 5000}]},
}

/** A pod of the Service with a sidecar. */
export function pod(serviceAccountName: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {name: 'hello', namespace: 'sample', labels: {app: 'hello', 'security.istio.io/tlsMode': 'istio'}},
    spec: {serviceAccountName},
  }
}

/** A Gateway that exposes hosts to other networks. */
export function gateway(hosts: string[]): KubernetesObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{hosts, port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
}

/** The gateway Service of east. */
export function balanced(...addresses: string[]): KubernetesObject {
  return gatewayService('net-east', {status: {loadBalancer: {ingress: addresses.map(ip => ({ip}))}}})
}

/** East, which exports the sample service. */
export function exporting(differs: Partial<ExportingCluster> = {}): ExportingCluster {
  const {cluster} = facts('east')
  return {
    context: 'east',
    cluster,
    name: 'east',
    network: 'net-east',
    revision: undefined,
    isTenant: false,
    controlPlane: undefined,
    record: undefined,
    namedGateways: [],
    otherGateways: [],
    networkGateways: [balanced('203.0.113.11')],
    gateways: [gateway(['*.local'])],
    nodes: [],
    services: [service],
    pods: [pod('hello')],
    workloadEntries: [],
    ...differs,
  }
}

/** The ServiceEntry that an export of east creates in other clusters. */
export function entryOf(east: ExportingCluster): KubernetesObject {
  const [offer] = offersOf(east, 'cluster.local', new Map()).offers
  const imported = {name: 'hello', namespace: 'sample', exporters: {east: offer!.exporter}, addresses: []}
  const changes = buildServiceImport({cluster: 'west', systemNamespace: 'istio-system', revision: undefined}, imported)
  return changes.map(({object}) => object).find(({kind}) => kind === 'ServiceEntry')!
}

function record(cluster: string): KubernetesObject {
  const data = gatewaysRecordData({addresses: [], dns: 'istio', dnsForward: [], ownsDnsCapture: false})
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kubectl-mesh-federation'}, data: {cluster, ...data}}
}

/** East, and west with imports that all its istiods know. */
export function importing(
  entries: readonly KubernetesObject[],
  east: ExportingCluster | undefined,
  west: Partial<ObservedCluster> = {},
): ObservedCluster[] {
  const common = {
    unreachable: undefined,
    credentials: [],
    addresses: [],
    services: [],
    rules: [],
    meshNamespaces: new Set<string>(),
    namespaces: new Set<string>(),
  }
  const state = {pod: 'istiod-west', clusters: [], gateways: [], endpoints: new Map(), external: new Set([host])}
  return [
    {...common, member: member('east', {record: record('east')}), istiods: [], exporting: east},
    {
      ...common,
      member: member('west', {record: record('west'), imports: [...entries]}),
      istiods: [state],
      exporting: exporting({name: 'west', context: 'west', services: []}),
      ...west,
    },
  ]
}
