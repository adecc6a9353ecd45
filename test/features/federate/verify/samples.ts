import type {ObservedCluster, ObservedService} from '../../../../src/features/federate/verify/read.ts'
import type {IstiodState} from '../../../../src/features/federate/verify/read-istiods.ts'
import type {VerifyCheck, VerifySubject} from '../../../../src/features/federate/verify/subject.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {gatewayService, member} from '../../../mesh/samples.ts'
import {openssl} from '../../../pki/support.ts'

/** The root CA of all sample clusters. */
export const rootCa = createRoot()

const addresses: Record<string, string> = {east: '203.0.113.11', west: '203.0.113.12'}

/** A host that has endpoints in both sample clusters. */
export const helloHost = 'helloworld.sample.svc.cluster.local'

/** A Service that both sample clusters have. */
export const helloService: ObservedService = {namespace: 'sample', name: 'helloworld', ports: ['http:5000/TCP']}

/** A Gateway `cross-network-gateway`, by default one that accepts cross-network traffic. */
export function exposure(spec: object = {servers: [{port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]}) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec,
  }
}

/** The status of a Service of type LoadBalancer. */
export function balanced(address: string | undefined): object {
  return {loadBalancer: {ingress: address === undefined ? [] : [{ip: address}]}}
}

/** The state of a healthy istiod of `name` in a mesh with `other`. */
export function istiodState(name: string, other: string, differs: Partial<IstiodState> = {}): IstiodState {
  return {
    pod: `istiod-${name}`,
    clusters: [
      {id: name, secretName: '', syncStatus: 'synced'},
      {id: other, secretName: `istio-system/istio-remote-secret-${other}`, syncStatus: 'synced'},
    ],
    gateways: [name, other].map(cluster => ({
      network: `net-${cluster}`,
      cluster,
      address: addresses[cluster]!,
      port: 15443,
    })),
    endpoints: new Map([name, other].map(cluster => [cluster, new Set([helloHost])])),
    external: new Set(),
    ...differs,
  }
}

/** How a sample cluster differs from a healthy one. */
export interface Differs extends Partial<Omit<ObservedCluster, 'member'>> {
  facts?: Partial<FederationFacts>
}

/** A healthy cluster, `east` or `west`, of a mesh of these two. */
export function observed(name: 'east' | 'west', {facts = {}, ...differs}: Differs = {}): ObservedCluster {
  const other = name === 'east' ? 'west' : 'east'
  return {
    member: member(name, {
      networkGateways: [gatewayService(`net-${name}`, {status: balanced(addresses[name])})],
      exposure: exposure(),
      servedRoot: rootCa,
      reader: {
        account: {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'r'}},
        allowed: true,
        readsSecrets: true,
      },
      ...facts,
    }),
    unreachable: undefined,
    istiods: [istiodState(name, other)],
    credentials: [{key: other, secret: `istio-remote-secret-${other}`, target: other, state: 'accepted'}],
    addresses: [{address: addresses[name]!, port: 15443, error: undefined}],
    meshNamespaces: new Set(['sample']),
    namespaces: new Set(['sample', 'istio-system']),
    services: [helloService],
    rules: [],
    exporting: undefined,
    ...differs,
  }
}

/** The subject of a check for the first cluster. */
export function subjectOf(all: readonly ObservedCluster[], differs: Partial<VerifySubject> = {}): VerifySubject {
  return {
    current: all[0]!,
    all,
    systemNamespace: 'istio-system',
    gateways: false,
    singleNetwork: false,
    dataPlane: 'sidecar',
    repairCommand: 'kubectl mesh federate --contexts east,west',
    controlPlaneFlags: [],
    ...differs,
  }
}

/** All findings of some checks for all clusters: `CLUSTER CHECK LEVEL: MESSAGE`. */
export function foundBy(
  checks: readonly VerifyCheck[],
  all: readonly ObservedCluster[],
  differs: Partial<VerifySubject> = {},
): string[] {
  return all.flatMap(current => {
    const subject = subjectOf(all, {...differs, current})
    return checks
      .filter(({applies}) => applies(subject))
      .flatMap(({id, run}) =>
        run(subject).map(({cluster, level = 'error', message}) => `${cluster} ${id} ${level}: ${message}`),
      )
  })
}

/** A self-signed certificate. */
export function createRoot(): string {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', '/dev/null']
  return openssl(['req', '-x509', ...key, '-subj', '/CN=root', '-days', '2'])
}
