import {expect, test} from 'vitest'
import {bundleSourceOf} from '../../../../src/features/vm/bundle/source.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane} from '../support.ts'

const gateway = {addresses: ['203.0.113.1'], hostName: undefined}
const secrets = {rootCert: 'root', token: 'token'}
const source = (raw: object, plane = controlPlane) => bundleSourceOf(readRegistration(raw), plane, gateway, secrets)

test.each([
  ['no address', {}, undefined],
  ['one address, in canonical form', {addresses: '2001:DB8:0::1'}, '2001:db8::1'],
  ['several addresses', {addresses: '10.0.0.1,10.0.0.2'}, undefined],
  ['a host name', {addresses: 'db.example.com'}, undefined],
])('address of a registration with %s', (_, raw, address) => expect(source(raw).address).toBe(address))

test.each([
  ['the Spec', {clusterName: 'here'}, controlPlane, 'here'],
  ['the injector', {}, {...controlPlane, injectorCluster: 'injected'}, 'injected'],
  ['istiod', {}, {...controlPlane, injectorCluster: undefined}, 'east'],
  ['the default of Istio', {}, {...controlPlane, injectorCluster: undefined, cluster: undefined}, 'Kubernetes'],
])('cluster name from %s', (_, raw, plane, name) => {
  expect(source(raw, plane).controlPlane.clusterName).toBe(name)
})

test('a VM registers itself unless it has an address', () => {
  expect(source({}).autoRegister).toBe(true)
  expect(source({addresses: '10.0.0.1'}).autoRegister).toBe(false)
  expect(source({addresses: '10.0.0.1', autoRegister: true}).autoRegister).toBe(true)
})

test('always has an app label and the secrets', () => {
  expect(source({})).toMatchObject({labels: {app: 'web'}, rootCert: 'root', token: 'token'})
})
