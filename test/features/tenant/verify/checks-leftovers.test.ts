import {expect, test} from 'vitest'
import {leftoverChecks} from '../../../../src/features/tenant/verify/checks-leftovers.ts'
import type {TenantVerifyFacts} from '../../../../src/features/tenant/verify/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {namespaceOf, tenantOf} from '../samples.ts'
import {factsOf, roleOf, webhookOf} from './samples.ts'

const recordKind = {apiVersion: 'v1', kind: 'ConfigMap'}
const validator = {
  ...webhookOf('Validating', 'a'),
  metadata: {name: 'istiod-default-validator', labels: {'istio.io/rev': 'a'}},
}
const tag = {
  ...webhookOf('Mutating', 'a'),
  metadata: {name: 'tag', labels: {'istio.io/rev': 'a', 'istio.io/tag': 'default'}},
}

test.each<[Partial<TenantVerifyFacts>, string[]]>([
  [{}, []],
  [
    {injectors: [webhookOf('Mutating', 'gone')]},
    [
      'error: MutatingWebhookConfiguration mutating-gone calls Service istiod-gone in namespace gone, which does not exist; the webhook may reject every write',
    ],
  ],
  [
    {roles: [roleOf('istiod-clusterrole-gone-gone'), roleOf('istio-reader-clusterrole-a'), roleOf('other')]},
    ['warning: ClusterRoles of control planes that do not exist: istiod-clusterrole-gone-gone'],
  ],
  [
    {namespaces: [namespaceOf('x', {'istio.io/rev': 'gone'})]},
    ['warning: namespace x selects revision gone, which does not exist; its pods get no sidecar'],
  ],
  [
    {validators: [validator], injectors: [tag]},
    [
      'warning: revision a is the default of the cluster; it injects namespaces with istio-injection=enabled and validates resources without istio.io/rev',
    ],
  ],
  [
    {unprovedRecords: [{...recordKind, metadata: {name: 'kubectl-mesh-tenant', namespace: 'team-a'}}]},
    [
      'warning: ConfigMap kubectl-mesh-tenant in namespace team-a is ignored: whoever administers the namespace may have created it',
    ],
  ],
  [{validators: [validator], tenants: [tenantOf('a')], namespaces: [], roles: []}, []],
])('case %#', (more, expected) => {
  const findings = runChecks(leftoverChecks, factsOf(more))
  expect(findings.map(({level, message}) => `${level}: ${message}`)).toEqual(expected)
})
