import {expect, test} from 'vitest'
import {type KubernetesObject, refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import {replacedWarnings} from '../../../src/features/federate/report-replaced.ts'
import {buildRemoteSecrets} from '../../../src/mesh/objects-remote-secret.ts'
import {members} from '../../engine/kubernetes/samples.ts'

/** east with an istiod of this version. */
function eastWith(version: string) {
  const [east] = members('east', 'west')
  const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}}
  return {...east!, context: 'east', facts: {namespace, controlPlanes: [{version}]}} as never
}

/** A written remote Secret of east for west. */
function written(before: KubernetesObject['data'], result: Outcome['result'] = 'ok'): Outcome {
  const holder = {cluster: 'east', systemNamespace: 'istio-system'}
  const [change] = buildRemoteSecrets(holder, [{target: 'west', kubeconfig: 'new'}])
  const live = before === undefined ? undefined : {...change!.object, data: before}
  const step = {change: change!, ref: refOf(change!.object), verdict: 'update' as const, live, merged: undefined}
  return {cluster: 'east', step, result}
}

const old = {west: Buffer.from('old').toString('base64')}
const same = {west: Buffer.from('new').toString('base64')}

test('a replaced credential is reported where the version of istiod may lose the cluster, with the command that restarts it', () => {
  expect(replacedWarnings([written(old)], [eastWith('1.30.1')])).toEqual([
    'warning: east: the credential for west was replaced, and istiod 1.30.1 may stop updating the cluster and remove its endpoints until it restarts (istio#60612, istio#61043)',
    'hint:    kubectl --context east -n istio-system rollout restart deployment -l app=istiod',
  ])
})

test.each([
  ['a version with the fixes', [written(old)], '1.31.0'],
  ['a version that only has a gap', [written(old)], '1.29.2'],
  ['a new credential', [written(undefined)], '1.30.1'],
  ['a new key of a Secret', [written({south: 'eA=='})], '1.30.1'],
  ['the same bytes', [written(same)], '1.30.1'],
  ['a failed write', [written(old, 'failed')], '1.30.1'],
] as const)('%s is not reported', (_, outcomes, version) => {
  expect(replacedWarnings(outcomes, [eastWith(version)])).toEqual([])
})
