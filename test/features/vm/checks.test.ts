import {describe, expect, test} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {type VmSubject, vmChecks} from '../../../src/features/vm/checks.ts'
import type {VmControlPlane} from '../../../src/features/vm/istio.ts'
import type {VmFacts} from '../../../src/features/vm/read.ts'
import {vmRegisterFields} from '../../../src/features/vm/spec.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {readSpec} from '../../../src/spec/read.ts'

const plane = {
  revision: 'default',
  namespace: 'istio-system',
  cluster: 'east',
  network: 'net-east',
  replicas: 1,
  ready: 1,
  rootConfigMap: 'istio-ca-root-cert',
  autoRegistration: true,
  healthChecks: true,
  capturesDns: false,
  discoverySelectors: [],
} as unknown as VmControlPlane

const gateway: KubernetesObject = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {name: 'istio-eastwestgateway', namespace: 'istio-system'},
  status: {loadBalancer: {ingress: [{ip: '203.0.113.1'}]}},
}

/** What is found for a registration; what is said takes the place of a cluster where all is well. */
function found(raw: object, facts: Partial<VmFacts> = {}, denied: VmSubject['denied'] = []): string[] {
  const spec = readSpec(vmRegisterFields, {
    name: 'web',
    namespace: 'vm',
    serviceAccount: 'web',
    ...raw,
  }) as VmSubject['spec']
  const well: VmFacts = {
    cluster: {context: 'east'} as Cluster,
    hasIstioCrds: true,
    plane,
    revisions: ['default'],
    namespace: undefined,
    accounts: new Map(),
    groups: [],
    entries: [],
    serviceEntries: [],
    services: [],
    gateways: [gateway],
    networkGateways: [],
    exposed: false,
    root: undefined,
    made: [],
    parent: undefined,
  }
  const findings = runChecks(vmChecks, {spec, facts: {...well, ...facts}, denied})
  for (const {hints, check} of findings) if (check !== 'rights') expect(hints?.length, check).toBeGreaterThan(0)
  return findings.map(({level, check}) => `${level} ${check}`)
}

test('all is well', () => expect(found({ports: 'http:80', hosts: 'web.vm.svc'})).toEqual([]))

const host = {ports: 'http:80', hosts: 'web.corp.test'}
const serviceEntry = (labels: object, port = {name: 'http', number: 80}): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: {name: 'x', namespace: 'vm'},
  spec: {hosts: ['web.corp.test'], ports: [port], workloadSelector: {labels}},
})
const entry = (spec: object): KubernetesObject => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'WorkloadEntry',
  metadata: {name: 'other', namespace: 'else'},
  spec,
})

describe('what is not', () => {
  test.each<[string, object, Partial<VmFacts>, string[]]>([
    ['no Istio', {}, {hasIstioCrds: false}, ['error istio-crds']],
    ['no control plane', {}, {plane: undefined}, ['error control-plane']],
    ['one that is not ready', {}, {plane: {...plane, ready: 0}}, ['warning control-plane']],
    [
      'a namespace that is left out',
      {},
      {plane: {...plane, discoverySelectors: [{matchLabels: {a: 'b'}}]}},
      ['error discovered'],
    ],
    ['auto-registration is off', {}, {plane: {...plane, autoRegistration: false}}, ['error auto-registration']],
    ['it is off, and not needed', {addresses: '10.0.0.1'}, {plane: {...plane, autoRegistration: false}}, []],
    [
      'health checks are off',
      {probe: 'tcp:80'},
      {plane: {...plane, healthChecks: false}},
      ['warning auto-registration'],
    ],
    ['another cluster name', {clusterName: 'west'}, {}, ['error cluster-name']],
    ['no gateway', {}, {gateways: []}, ['error gateway']],
    ['no gateway, and none needed', {gatewayAddress: '10.0.0.9'}, {gateways: []}, []],
    ['a gateway without address', {}, {gateways: [{...gateway, status: {}}]}, ['error gateway']],
    ['an address twice', {addresses: '10.0.0.1'}, {entries: [entry({address: '10.0.0.1'})]}, ['error address-free']],
    [
      'an IPv6 address twice, written otherwise',
      {addresses: '2001:db8::1'},
      {entries: [entry({address: '2001:DB8:0::1'})]},
      ['error address-free'],
    ],
    [
      'an address in another network',
      {addresses: '10.0.0.1', network: 'far'},
      {entries: [entry({address: '10.0.0.1'})]},
      [],
    ],
    [
      'a host of others',
      host,
      {serviceEntries: [serviceEntry({app: 'x'})], plane: {...plane, capturesDns: true}},
      ['error hosts'],
    ],
    ['a host of others that selects it', host, {serviceEntries: [serviceEntry({app: 'web'})]}, []],
    [
      'a port that the host has not',
      host,
      {serviceEntries: [serviceEntry({app: 'web'}, {name: 'x', number: 90})]},
      ['warning hosts'],
    ],
    ['no DNS capture', {...host, captureDns: false}, {}, ['warning dns-capture']],
  ])('%s', (_, raw, facts, expected) => expect(found(raw, facts)).toEqual(expected))

  test('rights', () => {
    expect(found({}, {}, [{verb: 'patch', group: '', resource: 'secrets', namespace: 'vm'}])).toEqual(['error rights'])
  })
})
