import type {BundleSource} from '../../../../src/features/vm/bundle/source.ts'

/** The bundle source of these tests, with some fields replaced. */
export function sourceOf(replaced: Partial<BundleSource> = {}): BundleSource {
  return {
    name: 'web',
    namespace: 'vm',
    serviceAccount: 'web',
    labels: {app: 'web', version: 'v1'},
    ports: [{name: 'http', number: 80, protocol: 'HTTP', target: 8080}],
    network: 'net-vm',
    locality: 'r/z/s',
    probe: {kind: 'http', port: 8080, path: '/ready'},
    autoRegister: true,
    captureDns: true,
    address: undefined,
    controlPlane: {
      systemNamespace: 'istio-system',
      revision: undefined,
      clusterName: 'east',
      trustDomain: 'cluster.local',
      meshId: 'mesh1',
      defaultConfig: {discoveryAddress: 'istiod.istio-system.svc:15012', meshId: 'mesh1'},
    },
    gateway: {addresses: ['203.0.113.11'], hostName: undefined},
    rootCert: '-----BEGIN CERTIFICATE-----\nroot\n-----END CERTIFICATE-----\n',
    token: 'head.payload.signature',
    ...replaced,
  }
}
