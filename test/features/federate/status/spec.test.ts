import {expect, test} from 'vitest'
import {federationStatusFields, validateFederationStatus} from '../../../../src/features/federate/status/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test.each([
  ['', ['--contexts is missing: which clusters?']],
  ['east', []],
])('--contexts "%s"', (contexts, expected) => {
  const problems = validateFederationStatus(readSpec(federationStatusFields, {contexts}))
  expect(problems.map(({message}) => message)).toEqual(expected)
})
