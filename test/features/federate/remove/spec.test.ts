import {expect, test} from 'vitest'
import {federationRemoveFields, validateFederationRemove} from '../../../../src/features/federate/remove/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test.each([
  [{contexts: 'east', from: 'west', clusterName: ['east=a', 'west=b']}, []],
  [{from: 'west'}, ['--contexts is missing: which clusters leave?']],
  [{contexts: 'east', from: 'east,west'}, ['east cannot both leave (--contexts) and stay (--from)']],
  [{contexts: 'east', clusterName: ['x=a']}, ['--cluster-name x=…: x is not in --contexts or --from']],
])('%j', (raw, expected) => {
  const problems = validateFederationRemove(readSpec(federationRemoveFields, raw))
  expect(problems.map(({message}) => message)).toEqual(expected)
})
