import {expect, test} from 'vitest'
import {federationStatusFields} from '../../../../src/features/federate/status/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test.each([
  [undefined, []],
  ['', []],
  ['east,west', ['east', 'west']],
])('--contexts %s: the record names the clusters if there are none', (contexts, expected) => {
  expect(readSpec(federationStatusFields, {contexts}).contexts).toEqual(expected)
})
