import {expect, test} from 'vitest'
import {hostsFile} from '../../../../src/features/vm/bundle/hosts.ts'
import {sourceOf} from './support.ts'

test('istiod is at the gateway', () => {
  expect(hostsFile(sourceOf())).toBe('203.0.113.11 istiod.istio-system.svc\n')
})

test('a name that was resolved is a line an address, and told', () => {
  const gateway = {addresses: ['203.0.113.1', '2001:db8::1'], hostName: 'lb.example.com'}
  expect(hostsFile(sourceOf({gateway}))).toBe(
    '# istiod.istio-system.svc is at lb.example.com; kubectl-mesh-vm on the machine keeps this up to date\n' +
      '203.0.113.1 istiod.istio-system.svc\n2001:db8::1 istiod.istio-system.svc\n',
  )
})

test('a name that nobody here can resolve does not make an empty file', () => {
  expect(hostsFile(sourceOf({gateway: {addresses: [], hostName: 'lb.example.com'}}))).toContain('lb.example.com')
})

test('the revision and the namespace are in the name', () => {
  const plane = {...sourceOf().plane, systemNamespace: 'usergroup-1', revision: 'r1'}
  expect(hostsFile(sourceOf({plane}))).toBe('203.0.113.11 istiod-r1.usergroup-1.svc\n')
})
