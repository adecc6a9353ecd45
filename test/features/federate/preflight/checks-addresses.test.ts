import {expect, test} from 'vitest'
import {apiAddressChecks, gatewayAddressChecks} from '../../../../src/features/federate/preflight/checks-addresses.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {facts} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {remoteSubject, subject, testCases} from './samples.ts'

testCases([...apiAddressChecks, ...gatewayAddressChecks], cases)

const loopback = (name: string) => ({cluster: {...facts(name).cluster, server: 'https://localhost:6443'}})

test('in gateways mode no cluster connects to an API server', () => {
  expect(runChecks(apiAddressChecks, subject({raw: {mode: 'gateways'}, west: loopback('west')}))).toEqual([])
})

test('no cluster connects to the API server of a primary', () => {
  const findings = runChecks(apiAddressChecks, remoteSubject({east: loopback('east'), west: loopback('west')}))
  expect(findings.map(({cluster}) => cluster)).toEqual(['west'])
})
