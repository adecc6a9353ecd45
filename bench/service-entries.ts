import type {KubernetesObject} from '../src/engine/kubernetes/object.ts'

/** Namespace of the ServiceEntries. */
export const benchNamespace = 'bench'

/** Creates ServiceEntries with one host, address, port and endpoint each. */
export function serviceEntries(count: number): KubernetesObject[] {
  return Array.from({length: count}, (_, index) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {name: `service-${index}`, namespace: benchNamespace, labels: {app: `service-${index}`}},
    spec: {
      hosts: [`service-${index}.${benchNamespace}.global`],
      addresses: [`240.0.${index >> 8}.${index & 255}`],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
      endpoints: [{address: '203.0.113.11', ports: {http: 15443}}],
    },
  }))
}
