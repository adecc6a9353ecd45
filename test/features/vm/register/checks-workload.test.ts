import {expect, test} from 'vitest'
import type {VmFacts} from '../../../../src/features/vm/facts.ts'
import {controlPlane, own, serviceEntry, workloadEntry} from '../support.ts'
import {findingsOf} from './support.ts'

const secret = (uid: string) => ({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'kubectl-mesh-vm-web', uid}})
const byFlux = {'kustomize.toolkit.fluxcd.io/name': 'fleet.west-40-gateways'}
const host = {ports: 'http:80', hosts: 'web.corp.test'}

const entryOf = (namespace: string, spec: object) => {
  const entry = serviceEntry({})
  return {...entry, metadata: {...entry.metadata, namespace}, spec: {...entry.spec!, ...spec}}
}

test.each<[string, object, Partial<VmFacts>, string[]]>([
  [
    'an address of another entry',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'})]},
    ['error address-free'],
  ],
  [
    'an IPv6 address of another entry in another notation',
    {addresses: '2001:db8::1'},
    {entries: [workloadEntry({address: '2001:DB8:0::1'})]},
    ['error address-free'],
  ],
  [
    'the same address in another network',
    {addresses: '10.0.0.1', network: 'far'},
    {entries: [workloadEntry({address: '10.0.0.1'})]},
    [],
  ],
  [
    'the address of an entry that this VM owns',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'}, own)]},
    [],
  ],
  [
    'the entry of this VM that Flux has applied',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'}, {name: 'web-10-0-0-1', namespace: 'vm', labels: byFlux})]},
    [],
  ],
  [
    'an entry that Flux has applied for another VM',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'}, {name: 'db-10-0-0-1', namespace: 'vm', labels: byFlux})]},
    ['error address-free'],
  ],
  [
    'an entry of this name in another namespace, which Flux has applied',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'}, {name: 'web-10-0-0-1', namespace: 'else', labels: byFlux})]},
    ['error address-free'],
  ],
  [
    'an entry of this name that no engine has applied',
    {addresses: '10.0.0.1'},
    {entries: [workloadEntry({address: '10.0.0.1'}, {name: 'web-10-0-0-1', namespace: 'vm'})]},
    ['error address-free'],
  ],
  [
    'a host of another owner',
    host,
    {serviceEntries: [serviceEntry({app: 'x'})], controlPlane: {...controlPlane, capturesDns: true}},
    ['error hosts'],
  ],
  [
    'a ServiceEntry of another namespace with the host',
    host,
    {foreignEntries: [entryOf('payments', {})], controlPlane: {...controlPlane, capturesDns: true}},
    ['warning hosts-elsewhere'],
  ],
  ['a host of another owner that selects the VM', host, {serviceEntries: [serviceEntry({app: 'web'})]}, []],
  [
    'a port that the existing host lacks',
    host,
    {serviceEntries: [serviceEntry({app: 'web'}, {name: 'x', number: 90})]},
    ['warning hosts'],
  ],
  ['no DNS capture', {...host, captureDns: false}, {}, ['warning dns-capture']],
  ['a Secret for the tokens of another owner', {}, {anchor: secret('other')}, ['error anchor']],
  ['a Secret for the tokens of this VM', {}, {anchor: secret(own.uid)}, []],
  [
    'no DNS capture in the Spec, but in the mesh config',
    {...host, captureDns: false},
    {controlPlane: {...controlPlane, capturesDns: true}},
    [],
  ],
])('%s', (_, raw, facts, expected) => expect(findingsOf(raw, facts)).toEqual(expected))
