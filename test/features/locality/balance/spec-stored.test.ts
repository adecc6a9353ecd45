import {expect, test} from 'vitest'
import {hasSetting, localityBalanceFields} from '../../../../src/features/locality/balance/spec.ts'
import {rawOfSetting, settingsKeyOf} from '../../../../src/features/locality/balance/spec-stored.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test.each([
  {failover: [{from: 'a', to: 'b'}]},
  {failoverPriority: ['topology.kubernetes.io/region', 'version=v2']},
  {distribute: [{from: 'a/*', to: {'a/*': 80, b: 20}}]},
])('%j reads back as input', setting => {
  const spec = readSpec(localityBalanceFields, rawOfSetting({enabled: true, ...setting}))
  const {failover, failoverPriority, distribute} = spec
  const pairs = Object.entries(failover).map(([from, to]) => ({from, to}))
  expect({failover: pairs, failoverPriority, distribute}).toEqual({
    failover: [],
    failoverPriority: [],
    distribute: [],
    ...setting,
  })
  expect(hasSetting(spec)).toBe(true)
})

test.each([undefined, {}, {failover: 'x', failoverPriority: {a: 1}, distribute: [null, {from: 'a'}]}])(
  '%j contains no setting',
  setting => expect(rawOfSetting(setting)).toEqual({}),
)

test('every host has its own valid key', () => {
  expect(settingsKeyOf('web.shop.svc.cluster.local')).toBe('web.shop.svc.cluster.local')
  const long = `${'a.'.repeat(200)}b`
  expect(settingsKeyOf(long)).toMatch(/^[0-9a-f]{64}$/)
  expect(settingsKeyOf(long)).not.toBe(settingsKeyOf(`${long}c`))
})
