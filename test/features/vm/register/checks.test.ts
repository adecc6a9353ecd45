import {expect, test} from 'vitest'
import {vmRights} from '../../../../src/features/vm/register/rights.ts'
import {findingsOf} from './support.ts'

test('finds nothing in a cluster without problems', () => {
  expect(findingsOf({ports: 'http:80', hosts: 'web.vm.svc'})).toEqual([])
})

test('finds a missing permission', () => {
  expect(findingsOf({}, {}, [{verb: 'patch', group: '', resource: 'secrets', namespace: 'vm'}])).toEqual([
    'error rights',
  ])
})

test('needs permissions in the namespace of the VM, and for the exposure and the record in the system namespace', () => {
  const rights = vmRights('vm', 'istio-system')
  expect(rights.filter(({namespace}) => namespace === 'istio-system').map(({resource}) => resource)).toEqual([
    'gateways',
    'configmaps',
  ])
  expect(rights).toContainEqual({verb: 'create', group: '', resource: 'serviceaccounts/token', namespace: 'vm'})
})
