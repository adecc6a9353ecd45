import {expect, test} from 'vitest'
import {joinedAmbientChecks} from '../../../../src/features/federate/ambient/checks-joined.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import type {AmbientFacts} from '../../../../src/mesh/ambient/facts.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {subject} from '../preflight/samples.ts'
import {ambientFacts, ambientGateway} from './samples.ts'

function messages(
  west: Partial<AmbientFacts>,
  more: Partial<FederationFacts> = {},
  raw: object = {dataPlane: 'ambient'},
) {
  const given = subject({raw, east: ambientFacts('east'), west: {...ambientFacts('west', west), ...more}})
  return runChecks(joinedAmbientChecks, given).map(({cluster, message}) => `${cluster}: ${message}`)
}

test('a gateway with an address is fine; without ambient mode, none is needed', () => {
  expect(messages({})).toEqual([])
  expect(messages({gateways: []}, {}, {})).toEqual([])
})

test('no gateway, and one without an address', () => {
  expect(messages({gateways: []})).toEqual([
    'west: no gateway for ambient mode: no Gateway of class istio-east-west in istio-system is labelled topology.istio.io/network=net-west',
  ])
  expect(messages({gateways: [ambientGateway('west', {status: {}})]})[0]).toMatch(
    /has no address.*no istiod has accepted it$/,
  )
})

test('a gateway without pods', () => {
  const labels = {'gateway.networking.k8s.io/gateway-name': 'istio-eastwestgateway-ambient'}
  const metadata = {name: 'istio-eastwestgateway-ambient', namespace: 'istio-system', labels}
  const service = {apiVersion: 'v1', kind: 'Service', metadata, spec: {selector: labels}}
  const template = {metadata: {labels}}
  const deployment = {apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: {template}, status: {}}
  expect(messages({}, {networkGateways: [service], gatewayDeployments: [deployment]})).toEqual([
    'west: gateway istio-system/istio-eastwestgateway-ambient: 0 of 1 pods are available',
  ])
})
