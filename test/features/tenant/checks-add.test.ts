import {describe, expect, test} from 'vitest'
import {type TenantAddSubject, tenantAddChecks} from '../../../src/features/tenant/checks-add.ts'
import {runChecks} from '../../../src/findings/check.ts'
import {namespaceOf, tenantOf, ztunnelOf} from './samples.ts'

const subject: TenantAddSubject = {
  names: {name: 'a', systemNamespace: 'a', revision: 'a', selector: {key: 'usergroup', value: 'a'}},
  via: 'istioctl',
  namespaces: ['app-1'],
  isDefault: false,
  selectors: [{matchLabels: {usergroup: 'a'}}],
  tenants: [tenantOf('b')],
  unprovedRecord: undefined,
  live: [namespaceOf('app-1')],
  tags: new Map(),
  defaultValidator: undefined,
  lacksDefinitions: false,
  isLost: false,
  lacksSail: false,
  ztunnels: [],
}

function findings(changed: Partial<TenantAddSubject>): string[] {
  return runChecks(tenantAddChecks, {...subject, ...changed}).map(
    ({check, level, message}) => `${check} ${level}: ${message}`,
  )
}

test('a new tenant beside another, and the same tenant again, have no findings', () => {
  expect(findings({})).toEqual([])
  expect(findings({tenants: [tenantOf('a'), tenantOf('b')]})).toEqual([])
})

const recordOf = (data: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-tenant', namespace: 'a'},
  data,
})

describe('finds', () => {
  test.each<[string, Partial<TenantAddSubject>, RegExp]>([
    ['no Sail operator', {lacksSail: true}, /^sail-operator error: the Sail operator is not installed/],
    ['a used revision', {tenants: [tenantOf('b', {revision: 'a'})]}, /^revision-unique error: revision a is used by b/],
    [
      'a record that nothing proves',
      {unprovedRecord: recordOf({tenant: 'a'})},
      /^record-proved warning: nothing proves that kubectl-mesh created ConfigMap kubectl-mesh-tenant in namespace a; its settings are ignored$/,
    ],
    [
      'a list of members that nothing proves',
      {unprovedRecord: recordOf({tenant: 'a', members: 'v1 Secret kube-system x 1\n'})},
      /^record-proved error: nothing proves .* which lists objects to delete$/,
    ],
    ['a tag', {tags: new Map([['a', 'b']])}, /^revision-unique error: a is already a revision tag, which points to b/],
    [
      'a namespace in ambient mode, where the istiod of another namespace configures ztunnel',
      {live: [namespaceOf('app-1', {'istio.io/dataplane-mode': 'ambient'})], ztunnels: [ztunnelOf('istio-system')]},
      /^ambient error: namespace app-1 is in ambient mode .* the istiod in istio-system configures ztunnel: policies of a would not apply/,
    ],
    ['a used namespace', {tenants: [tenantOf('b', {namespace: 'a'})]}, /^namespace-own error: namespace a already/],
    [
      'a used name',
      {tenants: [tenantOf('a', {namespace: 'x', revision: 'y'})]},
      /^same-tenant error: tenant a already/,
    ],
    [
      'another name of the same tenant',
      {tenants: [tenantOf('x', {namespace: 'a', revision: 'a'})]},
      /^same-tenant error: namespace a is the system namespace of tenant x; expected a$/,
    ],
    ['another installer', {tenants: [tenantOf('a', {via: undefined})]}, /^same-tenant error: .*not installed by/],
    ['another tool', {tenants: [tenantOf('a', {via: 'helm'})]}, /^same-tenant error: a was created with --via helm/],
    ['selectors', {selectors: [{matchLabels: {team: 'x'}}]}, /^selects-itself error: the discoverySelectors in --set/],
    [
      'a used label',
      {tenants: [tenantOf('b', {label: {key: 'usergroup', value: 'a'}})]},
      /^selector-own error: b already has the selector label usergroup=a/,
    ],
    [
      'a watcher',
      {tenants: [tenantOf('b', {selectors: []})]},
      /^selector-own warning: namespace a is also watched by b/,
    ],
    [
      'a revision label',
      {live: [namespaceOf('app-1', {'istio.io/rev': 'b'})]},
      /^labels-agree error: .*istio.io\/rev=b/,
    ],
    ['istio-injection', {live: [namespaceOf('app-1', {'istio-injection': 'enabled'})]}, /^labels-agree error: .*prece/],
    ['a system namespace', {namespaces: ['b']}, /^labels-agree error: b is the system namespace of b/],
    ['another default', {defaultValidator: 'b'}, /^default-reported warning: revision b is the default/],
    ['a second default', {defaultValidator: 'b', isDefault: true}, /^default-reported error: revision b is already/],
    [
      'a lost record and another selector',
      {isLost: true, tenants: [tenantOf('a', {recorded: false, via: undefined, label: {key: 'team', value: 'x'}})]},
      /^same-tenant error: the record of a is missing, and its namespaces have the selector label team=x; expected usergroup=a$/,
    ],
    ['no definitions', {lacksDefinitions: true, via: 'helm'}, /^definitions error: .*the istiod chart does not create/],
  ])('%s', (_, changed, message) => {
    expect(findings(changed)[0]).toMatch(message)
  })
})

test('--via none is accepted beside a control plane of another installer, and istioctl without definitions', () => {
  expect(findings({via: 'none', tenants: [tenantOf('a', {via: undefined})]})).toEqual([])
  expect(findings({lacksDefinitions: true})).toEqual([])
})
