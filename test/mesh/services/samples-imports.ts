import type {Exporter, ServiceImport} from '../../../src/mesh/services/objects.ts'

export const place = {cluster: 'west', systemNamespace: 'istio-system', revision: undefined}

export function exporter(cluster: string, more: Partial<Exporter> = {}): Exporter {
  return {
    addresses: [`203.0.113.${cluster.length}`],
    port: 15443,
    network: `net-${cluster}`,
    locality: 'eu/eu-1',
    identities: ['spiffe://cluster.local/ns/sample/sa/hello'],
    ports: [
      {name: 'http', number: 5000, protocol: 'HTTP'},
      {name: 'raw', number: 9000, protocol: undefined},
    ],
    clusterDomain: 'cluster.local',
    ...more,
  }
}

export const hello = (exporters: Record<string, Exporter>, more: Partial<ServiceImport> = {}): ServiceImport => ({
  name: 'hello',
  namespace: 'sample',
  exporters,
  addresses: [],
  ...more,
})
