import {expect, test} from 'vitest'
import {currentRootOf, pluggedCaOf, rootOf} from '../../../src/mesh/ca/root.ts'
import {controlPlane, member} from '../samples.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const secret = (data: Record<string, string>) => ({
  caSecret: {apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}, data},
})
const plugged = {servedRoot: 'S', ...secret({'root-cert.pem': base64('R')})}
const mixed = secret({'root-cert.pem': base64('R'), 'tls.crt': base64('T'), 'ca.crt': base64('C')})

test.each([
  ['the root that istiod distributes', {servedRoot: 'S'}, {pem: 'S', pluggedIn: false}],
  ['cacerts has precedence', plugged, {pem: 'R', pluggedIn: true}],
  [
    'cacerts in the layout of a TLS Secret',
    {servedRoot: 'S', ...secret({'tls.crt': base64('T'), 'ca.crt': base64('C')})},
    {pem: 'C', pluggedIn: true},
  ],
  ['in both layouts, istiod reads that of a TLS Secret', {servedRoot: 'S', ...mixed}, {pem: 'C', pluggedIn: true}],
  [
    'tls.crt without ca.crt has no root',
    {servedRoot: 'S', ...secret({'root-cert.pem': base64('R'), 'tls.crt': base64('T')})},
    {pem: 'S', pluggedIn: false},
  ],
  [
    'ca.crt without tls.crt is not a root',
    {servedRoot: 'S', ...secret({'ca.crt': base64('C')})},
    {pem: 'S', pluggedIn: false},
  ],
  ['no root', {}, undefined],
])('rootOf: %s', (_, facts, expected) => expect(rootOf(member('east', facts))).toEqual(expected))

test('the cacerts of a remote is ignored', () => {
  const remote = {...member('west', plugged), primary: 'east'}
  expect(rootOf(remote)).toEqual({pem: 'S', pluggedIn: false})
  expect(pluggedCaOf(remote)).toBeUndefined()
})

test('cacerts is ignored where another CA signs', () => {
  const controlPlanes = [controlPlane('east', {externalCa: 'ENABLE_CA_SERVER=false'})]
  expect(rootOf(member('east', {...plugged, controlPlanes}))).toEqual({pem: 'S', pluggedIn: false})
})

test('workloads trust the served root until istiod restarts', () => {
  expect(currentRootOf(member('east', plugged))).toBe('S')
  expect(currentRootOf(member('east', mixed))).toBe('C')
  expect(currentRootOf(member('east', {}))).toBeUndefined()
})
