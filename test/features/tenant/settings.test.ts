import {describe, expect, test} from 'vitest'
import {storedValues} from '../../../src/control-plane/values.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {
  mergeTenant,
  type RawTenant,
  type TenantInput,
  tenantInput,
  tenantSettings,
  withNames,
  withNamespaces,
} from '../../../src/features/tenant/settings.ts'
import {tenantFields} from '../../../src/features/tenant/spec.ts'
import type {Run} from '../../../src/run/run.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {riskyChanges} from '../../../src/spec/settings.ts'

const recordOf = (data: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kubectl-mesh-tenant', namespace: 'sys'},
  data,
})
const first: RawTenant = {
  name: 'a',
  namespaces: ['app-1'],
  systemNamespace: 'sys',
  selectorLabel: 'team=x',
  set: ['values.a=1'],
  values: ['v.yaml'],
  mtls: 'STRICT',
}
const values = [{name: 'v.yaml', content: {pilot: {env: {A: 'a'}}}}]
const record = recordOf({tenant: 'a', ...tenantSettings(readSpec(tenantFields, first), values), members: ''})
const run = (write: Partial<Run['write']> = {}) => ({write: {reset: [], complete: false, ...write}}) as unknown as Run
const inputOf = (requested: RawTenant, write?: Partial<Run['write']>): TenantInput =>
  tenantInput({name: 'a', ...requested}, record, run(write))

describe('a second run', () => {
  test('keeps what an earlier run set', () => {
    const kept = {...first, revision: 'a', mtls: undefined}
    expect(readSpec(tenantFields, mergeTenant(inputOf({})))).toEqual(readSpec(tenantFields, kept))
    expect(storedValues(inputOf({}), record)).toEqual(values)
  })

  test('adds namespaces and --set; the same path replaces the earlier value', () => {
    const merged = readSpec(tenantFields, mergeTenant(inputOf({namespaces: ['app-2'], set: ['values.b=2']})))
    expect(merged).toMatchObject({namespaces: ['app-1', 'app-2'], set: ['values.a=1', 'values.b=2']})
    expect(readSpec(tenantFields, mergeTenant(inputOf({set: ['values.a=3']}))).set).toEqual(['values.a=3'])
  })

  test('--reset returns to the default', () => {
    const input = inputOf({set: ['values.b=2']}, {reset: ['set', 'values', 'selector-label']})
    expect(readSpec(tenantFields, mergeTenant(input))).toMatchObject({
      set: ['values.b=2'],
      values: [],
      selectorLabel: undefined,
    })
    expect(storedValues(input, record)).toBeUndefined()
  })

  test('a file is complete', () => {
    const input = inputOf({namespaces: ['app-2']}, {complete: true})
    expect(readSpec(tenantFields, mergeTenant(input))).toMatchObject({namespaces: ['app-2'], selectorLabel: undefined})
    expect(storedValues(input, record)).toBeUndefined()
  })

  test('new --values replace the earlier ones', () => {
    expect(storedValues(inputOf({values: ['w.yaml']}), record)).toBeUndefined()
  })
})

test('a record of version 0.1.0 keeps the names and the tool', () => {
  const old = recordOf({tenant: 'a', revision: 'r', selector: 'team=x', via: 'helm'})
  expect(mergeTenant(tenantInput({name: 'a'}, old, run()))).toEqual({
    name: 'a',
    systemNamespace: 'sys',
    revision: 'r',
    selectorLabel: 'team=x',
    via: 'helm',
  })
})

test.each<[RawTenant, Partial<Run['write']>, [string, boolean][]]>([
  [{}, {}, []],
  [{selectorLabel: 'team=x'}, {}, []],
  [{selectorLabel: 'team=y'}, {}, [['the selector label changes from team=x to team=y', true]]],
  [{}, {reset: ['selector-label']}, [['the selector label changes from team=x to usergroup=a', true]]],
  [{}, {complete: true}, [['the selector label changes from team=x to usergroup=a', false]]],
  [{mtls: 'PERMISSIVE'}, {}, [['the mTLS mode changes from STRICT to PERMISSIVE', true]]],
])('risky changes of %j with %j: %j', (requested, write, expected) => {
  const input = inputOf(requested, write)
  const changes = riskyChanges(tenantFields, input, withNames(readSpec(tenantFields, mergeTenant(input))))
  expect(changes.map(({text, isExplicit}) => [text.split(':')[0], isExplicit])).toEqual(expected)
})

test('the record follows namespaces that move; its list of members is left to the engine', () => {
  const data = withNamespaces(record, stored => [...stored, 'app-2'])!
  expect(Object.keys(data).sort()).toEqual(['settings', 'tenant', 'values'])
  expect(JSON.parse(data.settings!).namespaces).toEqual(['app-1', 'app-2'])
  expect(withNamespaces(record, stored => [...stored])).toBeUndefined()
  expect(withNamespaces(recordOf({tenant: 'a'}), () => ['x'])).toBeUndefined()
})
