import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {readRegistration} from '../spec-support.ts'
import {factsOf, own, serviceEntry} from '../support.ts'
import {findingsOf, ownEntry} from './support.ts'

const registration = readRegistration({ports: 'http:80::8080', hosts: 'web.corp.test'})
const find = (serviceEntries: KubernetesObject[], entry = ownEntry) =>
  findingsOf({registration, facts: factsOf({exposed: true, entries: [entry], serviceEntries})})

test.each<[string, KubernetesObject[], RegExp | undefined]>([
  ['a host that selects the VM', [serviceEntry({app: 'web'})], undefined],
  ['no object', [], /^error selected: no Service or ServiceEntry defines host web\.corp\.test$/],
  [
    'a host that does not select the VM',
    [serviceEntry({app: 'x'})],
    /^error selected: ServiceEntry x \(host web\.corp\.test\) does not select the VM$/,
  ],
  [
    'a port that the VM does not serve',
    [serviceEntry({app: 'web'}, {name: 'other', number: 90})],
    /^error ports: web\.corp\.test port other \(90\) leads to 90, but the VM serves http:8080$/,
  ],
  [
    'a port with the target port of the VM',
    [serviceEntry({app: 'web'}, {name: 'other', number: 90, targetPort: 8080})],
    undefined,
  ],
])('%s', (_, serviceEntries, expected) => {
  expect(find(serviceEntries)).toEqual(expected === undefined ? [] : [expect.stringMatching(expected)])
})

test('a ServiceEntry of another namespace with the host', () => {
  const entry = serviceEntry({app: 'web'})
  const facts = {
    ...factsOf({exposed: true, entries: [ownEntry], serviceEntries: [entry]}),
    foreignEntries: [{...entry, metadata: {name: 'saas', namespace: 'payments'}}],
  }
  expect(findingsOf({registration, facts})).toEqual([
    'warning hosts-elsewhere: ServiceEntry payments/saas also has host web.corp.test: clients in namespace vm use the VM, all others the older entry',
  ])
})

test('an object of the VM with the label of another revision is not read', () => {
  const metadata = {...ownEntry.metadata, ...own, labels: {'istio.io/rev': '1-30'}}
  const facts = factsOf({
    exposed: true,
    entries: [{...ownEntry, metadata}],
    serviceEntries: [serviceEntry({app: 'web'})],
  })
  expect(findingsOf({registration, facts})).toEqual([
    'error read: WorkloadEntry vm/web-10-0-0-5 is labelled istio.io/rev=1-30; revision default does not read it',
  ])
})

test('a VM without a list of ports serves every port', () => {
  const entry = {...ownEntry, spec: {...ownEntry.spec!, ports: undefined}}
  expect(find([serviceEntry({app: 'web'}, {name: 'other', number: 90})], entry)).toEqual([])
})
