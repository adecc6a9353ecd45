import {expect, test} from 'vitest'
import {ambientServicesCurrent} from '../../../../src/features/federate/ambient/checks-services.ts'
import type {AmbientIndex, AmbientService} from '../../../../src/mesh/ambient/istio-ambientz.ts'
import {foundBy, helloHost, istiodState, observed} from '../verify/samples.ts'
import {ambientFacts} from './samples.ts'

const host = `sample/${helloHost}`
const identity = 'ns/sample/sa/hello'
const addresses = new Map([
  ['net-east', new Set(['a'])],
  ['net-west', new Set(['b'])],
])

/** What an istiod sends in a mesh in which each cluster has two pods. */
function index(own: string, other: string, differs: Partial<AmbientService> = {}): AmbientIndex {
  const details: AmbientService = {
    ...{addresses, identities: new Set([`spiffe://cluster.local/${identity}`])},
    capacity: new Map([[`net-${other}`, 2]]),
    workloads: new Map([[own, [identity, identity]]]),
    ...differs,
  }
  return {
    gateways: new Map(),
    services: new Map([[`net-${other}`, new Set([host])]]),
    details: new Map([[host, details]]),
  }
}

function found(east: Partial<AmbientService>, west: Partial<AmbientService> = {}): string[] {
  const clusters = (['east', 'west'] as const).map(name => {
    const other = name === 'east' ? 'west' : 'east'
    const ambient = index(name, other, name === 'east' ? east : west)
    return observed(name, {facts: ambientFacts(name), istiods: [istiodState(name, other, {ambient})]})
  })
  return foundBy([ambientServicesCurrent], clusters, {dataPlane: 'ambient'})
}

test('nothing where istiods agree, and where a cluster has no pods', () => {
  expect(found({})).toEqual([])
  expect(found({}, {workloads: new Map()})).toEqual([])
})

test('an outdated capacity is a warning; a missing identity or virtual address is an error', () => {
  expect(found({capacity: new Map([['net-west', 1]])})).toEqual([
    'east ambient-services-current warning: istiod-east: istiod sends ztunnels capacity 1 for sample/helloworld in west; expected 2, the number of its workloads',
  ])
  expect(found({identities: new Set()})).toEqual([
    `east ambient-services-current error: istiod-east: istiod does not send ztunnels the identities ${identity} of sample/helloworld in west`,
  ])
  expect(found({addresses: new Map([['net-east', new Set(['a'])]])})).toEqual([
    'east ambient-services-current error: istiod-east: istiod does not send ztunnels the virtual address of sample/helloworld in west',
  ])
})
