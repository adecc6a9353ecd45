import {expect, test} from 'vitest'
import {type TenantAssignSubject, tenantAssignChecks} from '../../../../src/features/tenant/assign/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {labelsOf, namespaceOf, tenantOf, ztunnelOf} from '../samples.ts'

const subject: TenantAssignSubject = {
  tenant: tenantOf('a'),
  tenants: [tenantOf('a'), tenantOf('b')],
  namespaces: ['app'],
  remove: false,
  live: [namespaceOf('app', labelsOf('b')), namespaceOf('b'), namespaceOf('kube-system')],
  tags: new Map(),
  ztunnels: [],
}

test.each<[Partial<TenantAssignSubject>, string[]]>([
  [{}, []],
  [{remove: true, live: [namespaceOf('app', labelsOf('a'))]}, []],
  [{remove: true, live: [namespaceOf('app', labelsOf('a'))], tenant: tenantOf('a', {label: undefined})}, []],
  [{remove: true, namespaces: ['x']}, ['namespaces-there warning: there is no namespace x']],
  [{remove: true}, ['is-member warning: namespace app does not belong to a']],
  [{namespaces: ['x']}, ['namespaces-there error: there is no namespace x']],
  [{namespaces: ['b']}, ['no-system-namespace error: b is the system namespace of b']],
  [
    {namespaces: ['kube-system']},
    ['no-system-namespace error: namespace kube-system is reserved for Kubernetes and cannot belong to a tenant'],
  ],
  [
    {tenant: tenantOf('a', {label: undefined, selectors: []})},
    ['label-known error: a has no discoverySelectors; it watches all namespaces'],
  ],
])('%j', (changed, expected) => {
  const findings = runChecks(tenantAssignChecks, {...subject, ...changed})
  expect(findings.map(({check, level, message}) => `${check} ${level}: ${message}`)).toEqual(expected)
})

test('the label istio-injection is refused, except for a removal', () => {
  const live = [namespaceOf('app', {...labelsOf('a'), 'istio-injection': 'enabled'})]
  const idsFor = (remove: boolean) => runChecks(tenantAssignChecks, {...subject, live, remove}).map(({check}) => check)
  expect([idsFor(false), idsFor(true)]).toEqual([['no-contradiction'], []])
})

test('a namespace in ambient mode moves only to the tenant whose istiod configures ztunnel', () => {
  const live = [namespaceOf('app', {'istio.io/dataplane-mode': 'ambient'})]
  const idsFor = (place: string) =>
    runChecks(tenantAssignChecks, {...subject, live, ztunnels: [ztunnelOf(place)]}).map(({check}) => check)
  expect([idsFor('istio-system'), idsFor('a')]).toEqual([['ambient'], []])
})
