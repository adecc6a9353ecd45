import {expect, test} from 'vitest'
import {rootChecks, rootOf} from '../../../../src/features/federate/preflight/checks-roots.ts'
import {member} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {testCases} from './samples.ts'

testCases(rootChecks, cases)

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = (data: Record<string, string>) => ({
  caSecret: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}, data},
})

test.each([
  ['the root that istiod distributes', {servedRoot: 'S'}, {pem: 'S', pluggedIn: false}],
  ['cacerts has precedence', {servedRoot: 'S', ...secret({'root-cert.pem': base64('R')})}, {pem: 'R', pluggedIn: true}],
  [
    'cacerts in the layout of a TLS Secret',
    {servedRoot: 'S', ...secret({'tls.crt': base64('T'), 'ca.crt': base64('C')})},
    {pem: 'C', pluggedIn: true},
  ],
  [
    'ca.crt without tls.crt is not a root',
    {servedRoot: 'S', ...secret({'ca.crt': base64('C')})},
    {pem: 'S', pluggedIn: false},
  ],
  ['no root', {}, undefined],
])('rootOf: %s', (_, facts, expected) => expect(rootOf(member('east', facts))).toEqual(expected))

test('rootOf: the cacerts of a remote is ignored', () => {
  const remote = {...member('west', {servedRoot: 'S', ...secret({'root-cert.pem': base64('R')})}), primary: 'east'}
  expect(rootOf(remote)).toEqual({pem: 'S', pluggedIn: false})
})
