import {expect, test} from 'vitest'
import {sidecarChecks} from '../../../../src/features/federate/ambient/checks-sidecars.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {subject} from '../preflight/samples.ts'

test('checks of gateways for sidecars find nothing in ambient mode', () => {
  const [check] = sidecarChecks([{id: 'one', about: 'one', run: () => [{cluster: 'east', message: 'found'}]}])
  const found = (dataPlane: string) => runChecks([check!], subject({raw: {dataPlane}})).length
  expect(['sidecar', 'both', 'ambient'].map(found)).toEqual([1, 1, 0])
})
