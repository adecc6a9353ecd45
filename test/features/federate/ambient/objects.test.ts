import {expect, test} from 'vitest'
import type {Change} from '../../../../src/engine/kubernetes/change.ts'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {ambientChanges} from '../../../../src/features/federate/ambient/objects.ts'
import {federationFields} from '../../../../src/features/federate/spec.ts'
import type {AmbientFacts} from '../../../../src/mesh/ambient/facts.ts'
import {resolveMember} from '../../../../src/mesh/members.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {facts} from '../../../mesh/samples.ts'
import {ambientFacts, ambientGateway, membershipOf} from './samples.ts'

const texts = (changes: readonly Change[]) =>
  changes.map(change => `${change.action} ${targetOf(change).kind} ${targetOf(change).name}`)

function changes(dataPlane: string, ambient?: Partial<AmbientFacts>, raw: object = {}) {
  const spec = readSpec(federationFields, {contexts: ['east', 'west'], dataPlane, ...raw})
  const known = facts('east', ambient ? ambientFacts('east', ambient) : {})
  return ambientChanges(spec, resolveMember(spec, 'east', known))
}

const wanted = ['apply ConfigMap kubectl-mesh-ambient', 'apply Gateway istio-eastwestgateway-ambient']

test('the gateway and its record, in ambient mode only; an earlier run changes nothing', () => {
  expect(texts(changes('sidecar'))).toEqual([])
  for (const dataPlane of ['ambient', 'both']) {
    expect(texts(changes(dataPlane, {gateways: [], membership: membershipOf([])}))).toEqual(wanted)
    expect(texts(changes(dataPlane, {}))).toEqual(wanted)
  }
})

test('sidecar removes what an earlier run created', () => {
  expect(texts(changes('sidecar', {}))).toEqual([
    'remove Gateway istio-eastwestgateway-ambient',
    'remove ConfigMap kubectl-mesh-ambient',
  ])
})

test('a gateway of another owner is sufficient, unless istiods of other clusters ignore it', () => {
  const none = membershipOf([])
  expect(texts(changes('ambient', {membership: none}))).toEqual([])
  const ignored = ambientGateway('east', {spec: {gatewayClassName: 'istio'}})
  expect(texts(changes('ambient', {membership: none, gateways: [ignored]}))).toEqual(wanted)
})

test('annotations of a cluster', () => {
  const [, apply] = changes('ambient', {}, {gateway: ['east=annotation=scheme=internal']})
  expect(apply).toMatchObject({object: {spec: {infrastructure: {annotations: {scheme: 'internal'}}}}})
})
