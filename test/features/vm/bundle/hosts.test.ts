import {expect, test} from 'vitest'
import {hostsFile} from '../../../../src/features/vm/bundle/hosts.ts'
import {sourceOf} from './support.ts'

test('maps the host name of istiod to the gateway', () => {
  expect(hostsFile(sourceOf())).toBe('203.0.113.11 istiod.istio-system.svc\n')
})

test('a resolved host name gives one line per address, and a comment', () => {
  const gateway = {addresses: ['203.0.113.1', '2001:db8::1'], hostName: 'lb.example.com'}
  expect(hostsFile(sourceOf({gateway}))).toBe(
    '# addresses of lb.example.com; kubectl-mesh-vm on the machine updates them\n' +
      '203.0.113.1 istiod.istio-system.svc\n2001:db8::1 istiod.istio-system.svc\n',
  )
})

test('a host name that cannot be resolved does not give an empty file', () => {
  expect(hostsFile(sourceOf({gateway: {addresses: [], hostName: 'lb.example.com'}}))).toContain('lb.example.com')
})

test('the host name contains the revision and the namespace', () => {
  const controlPlane = {...sourceOf().controlPlane, systemNamespace: 'usergroup-1', revision: 'r1'}
  expect(hostsFile(sourceOf({controlPlane}))).toBe('203.0.113.11 istiod-r1.usergroup-1.svc\n')
})
