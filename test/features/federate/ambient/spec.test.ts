import {describe, expect, test} from 'vitest'
import {detectDataPlane} from '../../../../src/features/federate/ambient/detect.ts'
import {dataPlaneProblems, dataPlaneRisk} from '../../../../src/features/federate/ambient/spec.ts'
import type {FederationInput} from '../../../../src/features/federate/settings/spec-stored.ts'
import {federationFields, validateFederation} from '../../../../src/features/federate/spec.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {readSpec} from '../../../../src/spec/read.ts'

const spec = {dataPlane: 'ambient', expose: [], gatewayServiceType: 'LoadBalancer', gateway: {}} as const

describe('dataPlaneProblems', () => {
  test('settings of the gateway for sidecars have no effect in ambient mode; annotations have', () => {
    const gateway = {east: {annotations: {a: 'b'}, replicas: '2'}}
    const all = {...spec, expose: ['*'], gatewayServiceType: 'NodePort', gateway} as const
    expect(dataPlaneProblems(all).map(({message}) => message.split(' has ')[0])).toEqual([
      '--expose',
      '--gateway-service-type',
      '--gateway east=replicas',
    ])
    expect(dataPlaneProblems({...all, dataPlane: 'both'})).toEqual([])
    expect(dataPlaneProblems({...spec, gateway: {east: {annotations: {a: 'b'}}}})).toEqual([])
  })
})

test('dataPlaneRisk: only a change that takes a gateway away', () => {
  expect(dataPlaneRisk('sidecar', 'both')).toBeUndefined()
  expect(dataPlaneRisk('ambient', 'ambient')).toBeUndefined()
  expect(dataPlaneRisk('both', 'ambient')).toContain('pods with a sidecar can no longer reach')
  expect(dataPlaneRisk('both', 'sidecar')).toContain('pods in ambient mode can no longer reach')
})

test.each([{mode: 'primary-remote'}, {mode: 'gateways'}, {singleNetwork: true}])(
  'ambient mode with %j is refused',
  other => {
    const raw = {contexts: ['east', 'west'], dataPlane: 'ambient', ...other}
    expect(() => readSpec(federationFields, raw, validateFederation)).toThrow(/--data-plane/)
  },
)

describe('detectDataPlane', () => {
  const ztunnel = {name: 'istio-system/ztunnel', network: 'n', cluster: 'c'}
  const factsWith = (multiNetwork: boolean, ztunnels: object[]) =>
    ({
      revision: undefined,
      controlPlanes: [{revision: 'default', ambient: {multiNetwork, sharesServices: true}}],
      ambient: {ztunnels},
    }) as unknown as FederationFacts
  const ambient = factsWith(true, [ztunnel])
  const input = (more: Partial<FederationInput> = {}): FederationInput => ({
    ...{requested: {}, reset: [], complete: false, stored: []},
    ...more,
  })
  const stored = (dataPlane?: string) => [{cluster: 'east', raw: dataPlane ? {dataPlane} : {}, isComplete: true}]

  test('ambient if all clusters run ztunnel and support several networks', () => {
    expect(detectDataPlane(input(), [ambient, ambient])).toBe('ambient')
    expect(detectDataPlane(input(), [ambient, factsWith(false, [ztunnel])])).toBeUndefined()
    expect(detectDataPlane(input(), [ambient, factsWith(true, [])])).toBeUndefined()
  })

  test('not if the run sets it, or settings that only sidecars have', () => {
    for (const requested of [{dataPlane: 'sidecar'}, {expose: ['*']}, {mode: 'gateways'}, {singleNetwork: true}])
      expect(detectDataPlane(input({requested}), [ambient])).toBeUndefined()
  })

  test('a record keeps its data plane, also with a mesh file; --reset data-plane detects it again', () => {
    expect(detectDataPlane(input({stored: stored()}), [ambient])).toBeUndefined()
    expect(detectDataPlane(input({stored: stored(), complete: true}), [ambient])).toBeUndefined()
    expect(detectDataPlane(input({stored: stored('both'), complete: true}), [ambient])).toBe('both')
    expect(detectDataPlane(input({stored: stored(), reset: ['data-plane']}), [ambient])).toBe('ambient')
  })
})
