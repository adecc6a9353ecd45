import {expect, test} from 'vitest'
import type {Change} from '../../../../src/engine/kubernetes/change.ts'
import {type Wave, waves} from '../../../../src/engine/kubernetes/waves.ts'
import type {Step, Verdict} from '../../../../src/engine/plan/plan.ts'
import {stages} from '../../../../src/features/federate/stages/stages.ts'
import {buildReader} from '../../../../src/mesh/objects-reader.ts'
import {primaryAndRemote} from '../../../mesh/samples-remote.ts'

function step(action: 'apply' | 'remove', wave: Wave, verdict: Verdict = 'create'): Step {
  const target = {apiVersion: 'v1', kind: 'Secret', name: 's'}
  const object = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 's'}}
  const change: Change =
    action === 'remove' ? {action, cluster: 'east', wave, target} : {action, cluster: 'east', wave, object}
  return {change, ref: target, verdict, live: undefined, merged: undefined}
}

/** The parts that apply a step of the initial plan, as `STAGE N`. */
function partsFor(one: Step): string[] {
  return stages
    .filter(({name}) => name === 'own objects' || name === 'revoked access')
    .flatMap(({name, parts}) => parts.flatMap(({includes}, at) => (includes(one) ? [`${name} ${at + 1}`] : [])))
}

test('the order of the stages', () => {
  expect(stages.map(({name}) => name)).toEqual(['own objects', 'peers', 'remotes', 'revoked access'])
})

test.each<[string, Step, string[]]>([
  ['a namespace', step('apply', waves.namespaces), ['own objects 1']],
  ['a control plane', step('apply', waves.controlPlane), ['own objects 1']],
  ['the removal of an object of the control plane', step('remove', waves.controlPlane), ['own objects 2']],
  ['a gateway', step('apply', waves.gateways), ['own objects 2']],
  ['a token', step('apply', waves.credentials), ['own objects 2']],
  ['the removal of a token', step('remove', waves.credentials), ['revoked access 1']],
  ['a remote Secret', step('apply', waves.remoteSecrets), []],
  ['an unchanged remote Secret', step('apply', waves.remoteSecrets, 'unchanged'), ['own objects 2']],
  ['the removal of a remote Secret', step('remove', waves.remoteSecrets), ['own objects 2']],
  ['the gateway of a remote', step('apply', waves.remoteGateways), []],
])('%s is applied once', (_, one, expected) => expect(partsFor(one)).toEqual(expected))

test.each([
  ['lose the Secrets', true, false, ['revoked access 1']],
  ['keep the Secrets', true, true, ['own objects 2']],
  ['get the Secrets', false, true, ['own objects 2']],
])('the rights of the reader that %s', (_, before, after, expected) => {
  const [live, object] = [before, after].map(
    readsSecrets => buildReader('east', 'istio-system', {writesAsLeader: false, readsSecrets})[1]!.object,
  )
  const change: Change = {action: 'apply', cluster: 'east', wave: waves.credentials, object: object!}
  expect(partsFor({...step('apply', waves.credentials, 'update'), change, live})).toEqual(expected)
})

test('remotes get their gateway after the rest', () => {
  const {parts = []} = stages.find(({name}) => name === 'remotes') ?? {}
  const steps = [step('apply', waves.remoteControlPlane), step('apply', waves.remoteGateways)]
  expect(parts.map(({includes}) => steps.map(includes))).toEqual([
    [true, false],
    [false, true],
  ])
})

test('the third stage applies to remotes', () => {
  const {all} = primaryAndRemote()
  expect(stages.map(({appliesTo}) => all.filter(member => appliesTo?.(member) ?? true).length)).toEqual([2, 2, 1, 2])
})

test('no token is revoked after a failure', () => {
  expect(stages.map(({requiresSuccess = false}) => requiresSuccess)).toEqual([false, false, false, true])
})
