import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  isOfTenantAdd,
  namespacesOf,
  readProof,
  readRecord,
  readTenant,
  revisionLabelsOf,
  watches,
} from '../../../src/features/tenant/istio.ts'
import {labelsOf, namespaceOf, tenantOf} from './samples.ts'

function deploymentOf(revision: string | undefined, env: Record<string, string> = {}): KubernetesObject {
  const all = {...(revision ? {REVISION: revision} : {}), ...env}
  const container = {name: 'discovery', env: Object.entries(all).map(([name, value]) => ({name, value}))}
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {name: 'istiod', namespace: 'ns'},
    spec: {replicas: 1, template: {spec: {containers: [container]}}},
  }
}

function configMapOf(data: Record<string, string>): KubernetesObject {
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x', namespace: 'ns'}, data}
}

describe('readTenant', () => {
  const record = configMapOf({tenant: 'a', revision: 'r1', selector: 'team=a', via: 'helm'})

  test('reads name, label and tool from the record', () => {
    const expected = {name: 'a', revision: 'r1', label: {key: 'team', value: 'a'}, via: 'helm', installed: true}
    expect(readTenant(deploymentOf('r1'), undefined, record, true)).toMatchObject(expected)
  })

  test.each([
    ['team=a', '{discoverySelectors: [{matchLabels: {team: a}}]}', {key: 'team', value: 'a'}, undefined],
    ['team=victim', '{discoverySelectors: [{matchLabels: {team: a}}]}', {key: 'team', value: 'a'}, 'team=victim'],
    ['kubernetes.io/metadata.name=victim', '{}', undefined, 'kubernetes.io/metadata.name=victim'],
    ['istio.io/rev=b', '{discoverySelectors: [{matchLabels: {a: b}}]}', {key: 'a', value: 'b'}, 'istio.io/rev=b'],
  ])('selector %s of the record with the mesh config %s', (selector, mesh, label, otherSelector) => {
    const edited = configMapOf({tenant: 'a', revision: 'r1', selector, via: 'helm'})
    expect(readTenant(deploymentOf('r1'), configMapOf({mesh}), edited, true)).toMatchObject({label, otherSelector})
  })

  test('ignores the record of another revision', () => {
    expect(readTenant(deploymentOf('r2'), undefined, record, true)).toMatchObject({
      name: 'r2',
      label: undefined,
      via: undefined,
    })
  })

  test.each([
    ['r1', 'r1'],
    [undefined, 'ns'],
  ])('without a record, names revision %j %s', (revision, name) => {
    expect(readTenant(deploymentOf(revision), undefined, undefined, true).name).toBe(name)
  })

  test.each([
    ['{}', [], undefined],
    ['[unreadable', [], undefined],
    ['discoverySelectors: [{matchLabels: {a: b}}]', [{matchLabels: {a: 'b'}}], {key: 'a', value: 'b'}],
    ['discoverySelectors: [{matchLabels: {a: b, c: d}}]', [{matchLabels: {a: 'b', c: 'd'}}], undefined],
  ])('reads the selectors of the mesh config %s', (mesh, selectors, label) => {
    expect(readTenant(deploymentOf('r1'), configMapOf({mesh}), undefined, true)).toMatchObject({selectors, label})
  })

  test('reads names of ConfigMaps and the root namespace, or their defaults', () => {
    const env = {PILOT_CA_CERT_CONFIGMAP: 'roots', PILOT_CRL_CONFIGMAP: 'crls'}
    expect(
      readTenant(deploymentOf('r1', env), configMapOf({mesh: 'rootNamespace: other'}), undefined, true),
    ).toMatchObject({
      trustBundle: 'roots',
      revocations: 'crls',
      rootNamespace: 'other',
    })
    expect(readTenant(deploymentOf('r1'), undefined, undefined, true)).toMatchObject({
      trustBundle: 'istio-ca-root-cert',
      revocations: 'istio-ca-crl',
      rootNamespace: 'ns',
    })
  })

  test('a record without istiod that selects every namespace of a name selects none', () => {
    const edited = configMapOf({tenant: 'a', revision: 'r1', selector: 'kubernetes.io/metadata.name=victim'})
    const tenant = readRecord(edited)
    expect(tenant).toMatchObject({label: undefined, selectors: [], otherSelector: 'kubernetes.io/metadata.name=victim'})
    const victim = namespaceOf('victim', {'kubernetes.io/metadata.name': 'victim'})
    expect(namespacesOf(tenant, {namespaces: [victim], tags: new Map()})).toEqual([])
  })

  test('a proof alone is a tenant without a record', () => {
    const expected = {name: 'a', namespace: 'ns', revision: 'r1', recorded: false, proved: true, installed: false}
    expect(readProof({name: 'a', namespace: 'ns', revision: 'r1'})).toMatchObject(expected)
    const label = {key: 'usergroup', value: 'a'}
    expect(readProof({name: 'a', namespace: 'ns', revision: 'r1', selector: 'usergroup=a'})).toMatchObject({label})
  })

  test('a record alone is a tenant without istiod', () => {
    expect(readRecord(record)).toMatchObject({
      name: 'a',
      namespace: 'ns',
      revision: 'r1',
      installed: false,
      selectors: [{matchLabels: {team: 'a'}}],
    })
  })
})

test('namespaces belong to a tenant by its selectors, its revision, a tag, or injection by default', () => {
  const namespaces = [
    namespaceOf('a', labelsOf('a')),
    namespaceOf('selected', {usergroup: 'a'}),
    namespaceOf('by-revision', {'istio.io/rev': 'a'}),
    namespaceOf('by-tag', {'istio.io/rev': 'stable'}),
    namespaceOf('by-default', {'istio-injection': 'enabled'}),
    namespaceOf('other', labelsOf('b')),
  ]
  const tags = new Map([
    ['stable', 'a'],
    ['default', 'a'],
  ])
  const names = namespacesOf(tenantOf('a'), {namespaces, tags}).map(({metadata}) => metadata.name)
  expect(names).toEqual(['selected', 'by-revision', 'by-tag', 'by-default'])
  expect(revisionLabelsOf(tenantOf('a'), tags)).toEqual(['a', 'stable', 'default'])
})

test('without selectors, a tenant watches all namespaces, but only those of its revision belong to it', () => {
  const tenant = tenantOf('a', {selectors: []})
  const namespaces = [namespaceOf('x'), namespaceOf('y', {'istio.io/rev': 'a'})]
  expect(namespaces.map(each => watches(tenant, each))).toEqual([true, true])
  expect(namespacesOf(tenant, {namespaces, tags: new Map()})).toEqual([namespaces[1]])
})

test('a control plane with a record, or without an istiod, is of tenant add', () => {
  expect(isOfTenantAdd({recorded: true, installed: true})).toBe(true)
  expect(isOfTenantAdd({recorded: false, installed: false})).toBe(true)
  expect(isOfTenantAdd({recorded: false, installed: true})).toBe(false)
})
