import {expect, test} from 'vitest'
import type {IstiodReplica} from '../../../../src/control-plane/read-replicas.ts'
import {isStillUsed, type RotationSubject, rotationChecks} from '../../../../src/features/federate/rotate/checks.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {eastAndWest, kubeconfig, onlyPair} from './samples-pair.ts'

const replica = (version: string | undefined, name = 'istiod-a'): IstiodReplica => ({
  pod: {namespace: 'istio-system', name},
  ready: true,
  version,
  ambient: false,
})

function found(change: Partial<RotationSubject> = {}, all = eastAndWest(), settings = {}) {
  const subject: RotationSubject = {
    pairs: [onlyPair(all, settings)],
    all,
    replicas: new Map(),
    pages: new Map(),
    restartIstiod: false,
    restartCommand: 'COMMAND',
    ...change,
  }
  return runChecks(rotationChecks, subject).map(
    ({check, level, cluster, message}) => `${check} ${level} ${cluster}: ${message}`,
  )
}

const pagesWith = (status: string) => ({
  pages: {clusters: [{id: 'west', secretName: '', syncStatus: status}], gateways: [], endpoints: new Map()},
})

test('without a running istiod there is nothing to lose', () => {
  expect(found()).toEqual([])
})

test('the version of every replica decides', () => {
  const replicas = new Map([
    ['east', [replica('1.31.0'), replica('1.30.3', 'istiod-b'), replica(undefined, 'istiod-c')]],
  ])
  expect(found({replicas})).toEqual([
    expect.stringContaining(
      'rotation-versions error east: a credential cannot change while istiod istiod-b (1.30.3) may remove',
    ),
    expect.stringContaining('istiod istiod-c (unknown version) may lose the endpoints'),
  ])
  expect(found({replicas, restartIstiod: true}).map(text => text.split(':')[0])).toEqual([
    'rotation-versions warning east',
    'rotation-versions warning east',
  ])
  expect(found({replicas: new Map([['west', [replica('1.30.3')]]])})).toEqual([])
})

test('every istiod must be readable and synced with the target', () => {
  const pages = new Map([['east', [{pod: 'a', ...pagesWith('synced')}]]])
  expect(found({pages})).toEqual([])
  expect(
    found({
      pages: new Map([
        [
          'east',
          [
            {pod: 'a', ...pagesWith('syncing')},
            {pod: 'b', error: 'HTTP 403'},
          ],
        ],
      ]),
    }),
  ).toEqual([
    'rotation-baseline error east: istiod a is not synced with west (syncing), so a loss could not be detected',
    'rotation-baseline error east: the state of istiod b cannot be read: HTTP 403',
  ])
})

test('a shared token is not rotated without all of its holders', () => {
  const all = eastAndWest({secretName: 'istio-reader-service-account-istio-remote-secret-token'})
  const bundled = {credentials: 'bundled'}
  expect(found({}, all, bundled)).toEqual([])
  const {facts} = onlyPair(all, bundled).target
  const other = eastAndWest({keys: {north: kubeconfig('t', 'north')}})[0]!.facts!.remoteSecrets
  const wider = [all[0]!, {...all[1]!, facts: {...facts!, remoteSecrets: other}}]
  expect(found({}, wider, bundled)).toEqual([
    'rotation-holders error west: its token is shared (bundled credentials), and north may hold it too',
  ])
})

test('an old token is used as long as another holder is not observed with the new one', () => {
  const pair = onlyPair(eastAndWest())
  const other = {...pair}
  expect(isStillUsed(pair, [pair, other], () => false)).toBe(true)
  expect(isStillUsed(pair, [pair, other], () => true)).toBe(false)
  expect(isStillUsed(pair, [pair], () => false)).toBe(false)
})
