import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {canonicalIp} from '../../../src/features/vm/istio-workloads.ts'
import {buildVm, entryName, selectorOf, type VmWorkload, vmLabels} from '../../../src/features/vm/objects.ts'
import {dnsName} from '../../../src/spec/texts.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

/** The VM of these tests, with some fields replaced. */
function workloadOf(replaced: Partial<VmWorkload> = {}): VmWorkload {
  return {
    cluster: 'east',
    name: 'web',
    namespace: 'vm',
    serviceAccount: 'web',
    systemNamespace: 'istio-system',
    revision: undefined,
    isTenant: false,
    clusterDomain: 'cluster.local',
    labels: {app: 'web'},
    ports: [],
    hosts: [],
    network: undefined,
    locality: undefined,
    weight: undefined,
    addresses: [],
    autoRegister: false,
    probe: undefined,
    create: {serviceAccount: true, hosts: replaced.hosts ?? []},
    record: {cluster: 'east', settings: '{}'},
    ...replaced,
  }
}

const ports = [
  {name: 'http', number: 80, protocol: 'HTTP', target: 8080},
  {name: 'tcp', number: 5432, protocol: 'TCP', target: 5432},
] as const

const cases: Record<string, Partial<VmWorkload>> = {
  'registers-itself': {},
  'all-settings': {
    labels: {app: 'web', version: 'v2'},
    ports,
    hosts: ['web.vm.svc.cluster.local', 'web.example.com'],
    network: 'net-vm',
    locality: 'r/z/s',
    weight: 5,
    probe: {kind: 'http', port: 8080, path: '/ready'},
    revision: 'r1',
    systemNamespace: 'mesh',
    clusterDomain: 'corp.example',
    autoRegister: true,
    addresses: ['10.0.0.5'],
  },
  'by-address': {addresses: ['10.0.0.5', '2001:DB8::1'], ports, hosts: ['db.example.com'], network: 'on-prem'},
  'by-host-name': {addresses: ['db.corp.example'], ports: [ports[1]], hosts: ['db.example.com']},
  'existing-objects': {
    hosts: ['web.example.com'],
    ports,
    create: {serviceAccount: false, hosts: []},
  },
}

describe('buildVm', () => {
  test.each(Object.keys(cases))('%s', async name => {
    await expectGolden(`vm/${name}.yaml`, textOfChanges(buildVm(workloadOf(cases[name]))))
  })

  test.each([
    ['https', {kind: 'https', port: 8443, path: '/x'}, {httpGet: {path: '/x', port: 8443, scheme: 'HTTPS'}}],
    ['tcp', {kind: 'tcp', port: 5432}, {tcpSocket: {port: 5432}}],
    ['exec', {kind: 'exec', command: ['/bin/check', 'it']}, {exec: {command: ['/bin/check', 'it']}}],
  ] as const)('%s probe', (_, probe, expected) => {
    const group = buildVm(workloadOf({probe: probe as VmWorkload['probe']})).find(
      change => change.action === 'apply' && change.object.kind === 'WorkloadGroup',
    )
    expect(group).toMatchObject({object: {spec: {probe: expected}}})
  })
})

test('entries of different addresses have different names, all of them valid object names', () => {
  const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom('::', '::1', 'fe80::', '1::'))
  fc.assert(
    fc.property(address, address, (one, other) => {
      expect(dnsName(entryName('web', one))).toBeUndefined()
      if (canonicalIp(one) !== canonicalIp(other)) expect(entryName('web', one)).not.toBe(entryName('web', other))
    }),
  )
})

test('the name of an entry does not depend on the notation of its address', () => {
  expect(entryName('web', '2001:DB8:0:0::1')).toBe(entryName('web', '2001:db8::1'))
})

test('labels always include app, and hosts select by it', () => {
  expect(vmLabels('web', {version: 'v1'})).toEqual({app: 'web', version: 'v1'})
  expect(vmLabels('web', {app: 'x'})).toEqual({app: 'x'})
  expect(selectorOf({app: 'x', version: 'v1'})).toEqual({app: 'x'})
})
