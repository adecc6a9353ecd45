import {expect, test} from 'vitest'
import {apiAddressChecks, gatewayAddressChecks} from '../../../../src/features/federate/preflight/checks-addresses.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {facts} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {type Case, remoteSubject, subject, testCases} from './samples.ts'

const own: Case[] = [
  {
    check: 'api-certificate',
    what: 'a certificate of another authority',
    level: 'error',
    cluster: 'west',
    message: /^the certificate of its API server https:\/\/west\.example:6443 is signed neither by .* \(SELF_SIGNED\)/,
    hint: /^--server west=https:\/\/HOST:PORT with an endpoint/,
    subject: () => ({
      ...subject({}),
      authorities: new Map([
        ['east', {pem: 'CA', problem: undefined}],
        ['west', {pem: 'CA', problem: 'SELF_SIGNED'}],
      ]),
    }),
  },
  {
    check: 'api-address',
    what: 'the address of another cluster',
    level: 'error',
    cluster: 'west',
    message: /^--server sets the same API server address for west and east: https:\/\/one:6443$/,
    hint: /^--server west=https:\/\/HOST:PORT with the address of west$/,
    subject: () => subject({raw: {server: {east: 'https://one:6443', west: 'https://one:6443'}}}),
  },
]

testCases([...apiAddressChecks, ...gatewayAddressChecks], [...cases, ...own])

const node = (type: string) => ({
  ...{apiVersion: 'v1', kind: 'Node', metadata: {name: type}},
  status: {addresses: [{type, address: '10.0.0.1'}]},
})

test.each([
  ['no node with an ExternalIP', [node('InternalIP')], ['west']],
  ['a node with an ExternalIP', [node('InternalIP'), node('ExternalIP')], []],
  ['nodes that the user may not list', undefined, []],
])('a gateway of type NodePort and %s', (_what, nodes, expected) => {
  const given = subject({raw: {gatewayServiceType: 'NodePort'}, east: {nodes: undefined}, west: {nodes}})
  const found = runChecks(gatewayAddressChecks, given)
  expect(found.map(({cluster}) => cluster)).toEqual(expected)
  for (const {level, message} of found)
    expect({level, message}).toMatchObject({level: 'warning', message: expect.stringContaining('ExternalIP')})
})

const loopback = (name: string) => ({cluster: {...facts(name).cluster, server: 'https://localhost:6443'}})

test('in gateways mode no cluster connects to an API server', () => {
  expect(runChecks(apiAddressChecks, subject({raw: {mode: 'gateways'}, west: loopback('west')}))).toEqual([])
})

test('no cluster connects to the API server of a primary', () => {
  const findings = runChecks(apiAddressChecks, remoteSubject({east: loopback('east'), west: loopback('west')}))
  expect(findings.map(({cluster}) => cluster)).toEqual(['west'])
})
