import {expect, test} from 'vitest'
import {ambientVerifyChecks} from '../../../../src/features/federate/ambient/checks-verify.ts'
import type {ObservedService} from '../../../../src/features/federate/verify/read.ts'
import type {AmbientIndex} from '../../../../src/mesh/ambient/istio-ambientz.ts'
import {foundBy, helloHost, helloService, istiodState, observed} from '../verify/samples.ts'
import {addresses, ambientFacts} from './samples.ts'

const shared: ObservedService = {...helloService, isGlobal: true}

function index(other: string, more: Partial<Record<keyof AmbientIndex, string[]>> = {}): AmbientIndex {
  const {gateways = [addresses[other]!], services = [`sample/${helloHost}`]} = more
  return {
    gateways: new Map([[`net-${other}`, new Set(gateways)]]),
    services: new Map([[`net-${other}`, new Set(services)]]),
    details: new Map(),
  }
}

function found(eastIndex: AmbientIndex, services: {east?: ObservedService[]; west?: ObservedService[]} = {}): string[] {
  const [east, west] = [
    observed('east', {
      facts: ambientFacts('east'),
      istiods: [istiodState('east', 'west', {ambient: eastIndex})],
      services: services.east ?? [shared],
    }),
    observed('west', {
      facts: ambientFacts('west'),
      istiods: [istiodState('west', 'east', {ambient: index('east')})],
      services: services.west ?? [shared],
    }),
  ]
  return foundBy(ambientVerifyChecks, [east, west], {dataPlane: 'ambient'})
}

test('nothing where istiods know the gateways and shared Services of each other', () => {
  expect(found(index('west'))).toEqual([])
})

test('an address that istiod does not know, and one that it still uses', () => {
  expect(found(index('west', {gateways: ['203.0.113.99']}))).toEqual([
    'east ambient-gateways-known error: istiod-east does not know 203.0.113.32, the gateway of west for ambient mode',
    'east ambient-gateways-known error: istiod-east still uses 203.0.113.99, which is no gateway of west for ambient mode any more',
  ])
})

test('a shared Service without workloads in the other network; one without pods there is fine', () => {
  const missing = index('west', {services: []})
  expect(found(missing)).toEqual([
    'east ambient-services-known error: istiod-east knows no workloads in west for sample/helloworld: ztunnels here send no requests there',
  ])
  const empty: ObservedService = {...shared, name: 'empty'}
  expect(found(index('west'), {east: [shared, empty], west: [shared, empty]})).toEqual([])
})

test('a Service that is shared in one cluster only', () => {
  expect(found(index('west'), {east: [helloService]})).toEqual([
    'east ambient-services warning: Service sample/helloworld is shared in west, but not here: it has no label istio.io/global=true, so pods here use only endpoints of this cluster',
  ])
  expect(found(index('west'), {east: [], west: [shared]})).toEqual([])
})

test('nothing is checked for sidecars', () => {
  const clusters = [observed('east'), observed('west')]
  expect(foundBy(ambientVerifyChecks, clusters)).toEqual([])
})
