import {expect, test} from 'vitest'
import {checksFor} from '../../../../src/features/vm/verify/checks.ts'
import {factsOf} from '../support.ts'
import {findingsOf, subjectOf} from './support.ts'

const idsOf = (...args: Parameters<typeof subjectOf>) => checksFor(subjectOf(...args)).map(({id}) => id)

test('finds nothing for a VM without problems', () => {
  expect(findingsOf()).toEqual([])
})

test('runs all checks in the order in which a VM joins', () => {
  expect(idsOf()).toEqual([
    'registered',
    'record',
    'members',
    'control-plane',
    'mesh-config',
    'istiod-exposed',
    'gateway-reachable',
    'istiod-certificate',
    'token',
    'connected',
    'network',
    'address-unique',
    'read',
    'selected',
    'hosts-elsewhere',
    'ports',
  ])
})

test('without a registration runs only the checks of the control plane', () => {
  expect(idsOf({facts: factsOf(), registration: undefined})).toEqual([
    'registered',
    'record',
    'members',
    'control-plane',
    'mesh-config',
    'istiod-exposed',
    'gateway-reachable',
    'istiod-certificate',
  ])
})

test('without a connection does not check the certificate', () => {
  expect(idsOf({gateway: undefined})).not.toContain('istiod-certificate')
})
