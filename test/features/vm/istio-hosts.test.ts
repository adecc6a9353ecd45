import {expect, test} from 'vitest'
import {holdersElsewhere} from '../../../src/features/vm/istio-hosts.ts'
import {serviceEntry} from './support.ts'

const entry = (namespace: string, spec: object, rev?: string) => ({
  ...serviceEntry({}),
  metadata: {name: 'x', namespace, ...(rev ? {labels: {'istio.io/rev': rev}} : {})},
  spec: {hosts: ['billing.corp.example'], ...spec},
})

test('ServiceEntries of other namespaces with the host, or with a wildcard for it', () => {
  const foreignEntries = [
    entry('payments', {}),
    entry('listed', {exportTo: ['sample', 'x']}),
    entry('wildcard', {hosts: ['*.corp.example']}),
    entry('other', {hosts: ['other.corp.example', '*.example.org']}),
    entry('private', {exportTo: ['.']}),
    entry('hidden', {exportTo: ['~']}),
    entry('itself', {exportTo: ['itself']}),
    entry('unread', {}, '1-30'),
    entry('malformed', {hosts: 'billing.corp.example'}),
  ]
  const {same, wildcard} = holdersElsewhere('billing.corp.example', {foreignEntries}, undefined)
  expect(same.map(({metadata}) => metadata.namespace)).toEqual(['payments', 'listed'])
  expect(wildcard.map(({metadata}) => metadata.namespace)).toEqual(['wildcard'])
  expect(holdersElsewhere('billing.corp.example', {foreignEntries}, '1-30').same).toHaveLength(3)
})
