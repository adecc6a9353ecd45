import {expect, test} from 'vitest'
import type {Tenant} from '../../../../src/features/tenant/istio.ts'
import {controlPlaneChecks} from '../../../../src/features/tenant/verify/checks-control-plane.ts'
import type {TenantVerifyFacts} from '../../../../src/features/tenant/verify/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {namespaceOf, tenantOf} from '../samples.ts'
import {factsOf, policyOf} from './samples.ts'

function findings(tenant: Tenant, others: Tenant[] = [tenantOf('b')], more: Partial<TenantVerifyFacts> = {}): string[] {
  const facts = factsOf({tenants: [tenant, ...others], ...more})
  return runChecks(controlPlaneChecks, {tenant, facts}).map(
    ({check, level, message}) => `${check} ${level}: ${message}`,
  )
}

test('a complete tenant has no findings', () => {
  expect(findings(tenantOf('a'))).toEqual([])
})

test.each<[string, Tenant, Tenant[], Partial<TenantVerifyFacts>, RegExp]>([
  ['no ready istiod', tenantOf('a', {ready: 0}), [], {}, /^istiod-ready error: istiod is not ready \(0 of 1\)/],
  ['no istiod', tenantOf('a', {installed: false}), [], {}, /^istiod-ready error: there is no Deployment istiod-a/],
  [
    'an edited selector in the record',
    tenantOf('a', {otherSelector: 'kubernetes.io/metadata.name=victim'}),
    [],
    {},
    /^record-agrees error: ConfigMap kubectl-mesh-tenant in namespace a has selector kubernetes.io\/metadata.name=victim; expected usergroup=a$/,
  ],
  ['a shared revision', tenantOf('a'), [tenantOf('b', {revision: 'a'})], {}, /^revision-unique error: .*namespace b/],
  ['a shared namespace', tenantOf('a'), [tenantOf('b', {namespace: 'a'})], {}, /^namespace-own error: .*revision b/],
  [
    'a shared namespace with the same selectors',
    tenantOf('a'),
    [tenantOf('a', {revision: 'b', installed: false})],
    {},
    /^namespace-own warning: /,
  ],
  ['no namespace', tenantOf('a'), [], {namespaces: []}, /^selects-itself error: there is no namespace a/],
  [
    'an unlabelled namespace',
    tenantOf('a'),
    [],
    {namespaces: [namespaceOf('a')]},
    /^selects-itself error: .*not match/,
  ],
  [
    'a watcher',
    tenantOf('a'),
    [tenantOf('b', {selectors: []})],
    {},
    /^apart error: namespace a is watched by a and by b/,
  ],
  ['no policy', tenantOf('a'), [], {policies: []}, /^mtls-strict warning: no PeerAuthentication/],
  ['PERMISSIVE', tenantOf('a'), [], {policies: [policyOf('a', 'PERMISSIVE')]}, /^mtls-strict warning: mTLS is PERM/],
])('finds %s', (_, tenant, others, more, message) => {
  expect(findings(tenant, others, more)[0]).toMatch(message)
})

test('control planes with different trust bundles can watch the same namespaces', () => {
  expect(findings(tenantOf('a'), [tenantOf('b', {selectors: [], trustBundle: 'other'})])).toEqual([])
})
