import {expect, test} from 'vitest'
import {federationRotateFields, validateFederationRotate} from '../../../../src/features/federate/rotate/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('defaults: all clusters, a hold of 60 s, no restart', () => {
  expect(readSpec(federationRotateFields, {contexts: 'east,west'}, validateFederationRotate)).toMatchObject({
    cluster: [],
    hold: 60_000,
    restartIstiod: false,
    credentialDuration: undefined,
  })
})

test.each([
  [{contexts: 'east'}, /needs at least two clusters/],
  [{contexts: 'east,west', hold: '2h'}, /longer than 1h/],
  [{contexts: 'east,west', cluster: 'A_B'}, /A_B/],
  [{contexts: 'east,west', credentialDuration: '1m'}, /shorter than 10m/],
])('%j is refused', (raw, message) => {
  expect(() => readSpec(federationRotateFields, raw, validateFederationRotate)).toThrow(message)
})
