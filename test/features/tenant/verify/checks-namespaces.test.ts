import {expect, test} from 'vitest'
import {namespaceChecks} from '../../../../src/features/tenant/verify/checks-namespaces.ts'
import type {TenantVerifyFacts} from '../../../../src/features/tenant/verify/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {labelsOf, namespaceOf, tenantOf} from '../samples.ts'
import {factsOf} from './samples.ts'

function findings(more: Partial<TenantVerifyFacts>): string[] {
  return runChecks(namespaceChecks, {tenant: tenantOf('a'), facts: factsOf(more)}).map(
    ({check, level, message}) => `${check} ${level}: ${message}`,
  )
}

test('complete namespaces have no findings', () => {
  expect(findings({})).toEqual([])
})

test.each<[Record<string, string>, string[]]>([
  [{usergroup: 'a', 'istio-injection': 'disabled'}, []],
  [
    {...labelsOf('a'), 'istio-injection': 'enabled'},
    [
      'labels-agree error: namespace app-1 has both istio-injection=enabled and istio.io/rev=a; istio-injection takes precedence',
    ],
  ],
  [
    {'istio.io/rev': 'a'},
    [
      'labels-agree error: namespace app-1 selects revision a, but the discovery selectors do not match it; its sidecars get no root certificate',
    ],
  ],
  [
    {usergroup: 'a'},
    ['labels-agree warning: namespace app-1 is watched but not injected; expected the label istio.io/rev=a'],
  ],
  [
    {usergroup: 'a', 'istio.io/rev': 'b'},
    ['labels-agree error: namespace app-1 is watched by a, but selects revision b'],
  ],
])('labels %j', (labels, expected) => {
  expect(findings({namespaces: [namespaceOf('a', {usergroup: 'a'}), namespaceOf('app-1', labels)]})).toEqual(expected)
})

test('finds a missing root certificate and one of another control plane', () => {
  const roots = new Map([['a/istio-ca-root-cert', 'root a']])
  expect(findings({roots})).toEqual([
    'root-cert error: namespace app-1 has no ConfigMap istio-ca-root-cert; its pods hang in Init',
  ])
  roots.set('app-1/istio-ca-root-cert', 'root b')
  expect(findings({roots})).toEqual([
    'root-cert error: namespace app-1 contains a root certificate that differs from that of a',
  ])
})

test('finds resources without a revision in its own namespaces only', () => {
  const resource = (namespace: string) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'Sidecar',
    metadata: {name: 'x', namespace},
  })
  expect(findings({unlabelled: [resource('app-1'), resource('app-2')]})).toEqual([
    "resources-revised warning: Sidecar x in namespace app-1 has no label istio.io/rev; the tenant's istiod does not validate it",
  ])
})
