import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {ExportingCluster, ServiceCluster} from '../../../src/mesh/services/read.ts'
import {controlPlane} from '../samples.ts'

export const base = (name: string): ServiceCluster => ({
  context: name,
  cluster: {context: name} as ServiceCluster['cluster'],
  name,
  network: `net-${name}`,
  revision: undefined,
  isTenant: false,
  controlPlane: controlPlane(name),
  record: undefined,
  namedGateways: [],
})

export const object = (
  kind: string,
  name: string,
  spec: unknown,
  more: Partial<KubernetesObject['metadata']> = {},
  status?: unknown,
) => ({
  apiVersion: 'v1',
  kind,
  metadata: {name, namespace: 'sample', ...more},
  spec,
  status,
})

export const pod = (
  name: string,
  app: string,
  serviceAccountName?: string,
  more: Partial<KubernetesObject['metadata']> = {},
) => object('Pod', name, {serviceAccountName}, {labels: {app, 'security.istio.io/tlsMode': 'istio'}, ...more})

const hello = object('Service', 'hello', {
  clusterIP: '10.0.0.1',
  selector: {app: 'hello'},
  ports: [{port: 80, name: 'http'}],
})
export const gatewayService = (spec: object, status: object = {}, annotations = {}) =>
  object('Service', 'gw', spec, {labels: {'topology.istio.io/network': 'net-east'}, annotations}, status)
export const ports = [{port: 15443, nodePort: 31443}]
const balanced = gatewayService({ports}, {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}})
const exposure = object('Gateway', 'cross-network-gateway', {
  servers: [{hosts: ['*.local'], tls: {mode: 'AUTO_PASSTHROUGH'}}],
})

/** A cluster that can export the Service `hello`. */
export function exporting(more: Partial<ExportingCluster> = {}): ExportingCluster {
  return {
    ...base('east'),
    networkGateways: [balanced],
    otherGateways: [],
    gateways: [exposure],
    nodes: [],
    services: [hello],
    pods: [pod('a', 'hello', 'hello'), pod('b', 'hello'), pod('c', 'other', 'other')],
    workloadEntries: [],
    ...more,
  }
}
