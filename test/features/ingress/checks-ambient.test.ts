import {expect, test} from 'vitest'
import {ambientChecks} from '../../../src/features/ingress/checks-ambient.ts'
import type {IngressFacts} from '../../../src/features/ingress/read.ts'
import type {ControlPlane} from '../../../src/istio/control-plane.ts'
import {controlPlaneFacts, findingsOf, object} from './samples.ts'

function ambient(multiNetwork: boolean, env: Record<string, string> = {}): IngressFacts['controlPlane'] {
  const facts = controlPlaneFacts()
  const settings = {multiNetwork, sharesServices: false, scopes: []}
  return {...facts, env, controlPlane: {...facts.controlPlane, ambient: settings} as ControlPlane}
}

function service(name: string, labels: Record<string, string>) {
  return object('Service', name, {}, {namespace: 'shop', labels})
}

const all = (controlPlane: IngressFacts['controlPlane'], more: Partial<IngressFacts> = {}) =>
  findingsOf(ambientChecks, {}, {controlPlane, ...more})

test('a gateway that gets no endpoints of other networks', () => {
  const variable = 'AMBIENT_ENABLE_MULTI_NETWORK_INGRESS'
  expect(all(ambient(true, {[variable]: 'T'}))).toEqual([])
  expect(all(ambient(true))).toEqual([
    expect.stringMatching(
      /^warning ambient: the gateway will reach only pods in its network: .* does not have AMBIENT_ENABLE/,
    ),
  ])
})

test('Services whose waypoint the gateway does not use', () => {
  const use = {'istio.io/use-waypoint': 'wp'}
  const services = [
    service('cart', use),
    service('web', {...use, 'istio.io/ingress-use-waypoint': 'true'}),
    service('plain', {}),
  ]
  expect(all(ambient(false), {services})).toEqual([
    'warning ambient-waypoints: requests from the gateway to shop/cart bypass the waypoint, so its policies do not apply to them',
  ])
})

test('nothing where istiod serves only sidecars', () => {
  expect(all(controlPlaneFacts(), {services: [service('cart', {'istio.io/use-waypoint': 'wp'})]})).toEqual([])
})
