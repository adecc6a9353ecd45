import {expect, test} from 'vitest'
import {coreVersions, groupVersions, listableKinds} from '../../../../src/features/tenant/remove/istio-kinds.ts'

test('reads versions, the preferred one of each group first', () => {
  expect(coreVersions({versions: ['v1']})).toEqual(['v1'])
  const groups = [
    {
      preferredVersion: {groupVersion: 'batch/v1'},
      versions: [{groupVersion: 'batch/v1beta1'}, {groupVersion: 'batch/v1'}],
    },
  ]
  expect(groupVersions({groups})).toEqual(['batch/v1', 'batch/v1beta1'])
})

test('reads kinds in namespaces that can be listed', () => {
  const resources = [
    {name: 'jobs', kind: 'Job', namespaced: true, verbs: ['get', 'list']},
    {name: 'jobs/status', kind: 'Job', namespaced: true, verbs: ['get', 'list']},
    {name: 'bindings', kind: 'Binding', namespaced: true, verbs: ['create']},
    {name: 'nodes', kind: 'Node', namespaced: false, verbs: ['list']},
  ]
  expect(listableKinds('batch/v1', {resources})).toEqual([{apiVersion: 'batch/v1', kind: 'Job', resource: 'jobs'}])
})

test.each([
  undefined,
  null,
  'text',
  {},
  {versions: 'x', groups: 'x', resources: 'x'},
  {groups: [null], resources: [1]},
])('an odd answer %j names nothing', answer => {
  expect([coreVersions(answer), groupVersions(answer), listableKinds('v1', answer)]).toEqual([[], [], []])
})
