import {expect, test} from 'vitest'
import {
  missingControlPlanes,
  missingServices,
  refusedServices,
  sharedClusterNames,
} from '../../../src/features/service/checks-selection.ts'
import {base} from '../../mesh/services/samples.ts'

const [east, west] = [base('east'), base('west')]
const named = {name: 'hello', namespace: 'demo'}

test('a Service that no exporting cluster has is an error, one that some lack a warning', () => {
  expect(missingServices(undefined, [east], () => false)).toEqual([])
  expect(missingServices(named, [east, west], () => false)).toMatchObject([
    {
      message: 'Service demo/hello does not exist in east, west',
      hints: ['kubectl --context east -n demo get services'],
    },
  ])
  expect(missingServices(named, [east, west], ({name}) => name === 'east')).toMatchObject([
    {level: 'warning', cluster: 'west'},
  ])
})

test('clusters with the same name', () => {
  expect(sharedClusterNames([east, west], 'x')).toEqual([])
  const [finding] = sharedClusterNames([east, {...west, name: 'east'}], 'kubectl mesh federate')
  expect(finding?.hints).toEqual(['kubectl mesh federate sets different names (--cluster-name west=NAME)'])
})

test('clusters without a control plane', () => {
  expect(missingControlPlanes([east, {...west, controlPlane: undefined}])).toMatchObject([{cluster: 'west'}])
})

test('a Service that cannot be exported is an error if it was requested by name', () => {
  const refusal = {cluster: 'east', namespace: 'demo', name: 'hello', reason: 'is headless', hint: 'add an IP'}
  const finding = {cluster: 'east', message: 'Service demo/hello is headless', hints: ['add an IP']}
  expect(refusedServices([refusal], true)).toEqual([{level: 'error', ...finding}])
  expect(refusedServices([refusal], false)).toEqual([{level: 'warning', ...finding}])
})
