import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import type {Step, Verdict} from '../../../src/engine/plan/plan.ts'
import {secretAccessFindings} from '../../../src/features/federate/checks-reader.ts'
import {buildReader} from '../../../src/mesh/objects-reader.ts'
import {member} from '../../mesh/samples.ts'

const roleWith = (readsSecrets: boolean) =>
  buildReader('east', 'istio-system', {writesAsLeader: false, readsSecrets}).find(
    ({object}) => object.kind === 'ClusterRole',
  )!

function step(verdict: Verdict, readsSecrets: boolean, live?: KubernetesObject): Step {
  const change = roleWith(readsSecrets)
  const ref = {apiVersion: change.object.apiVersion, kind: 'ClusterRole', name: change.object.metadata.name}
  return {change, ref, verdict, live, merged: change.object}
}

test.each<[string, Step, boolean]>([
  ['a new role with Secrets', step('create', true), true],
  ['a new role without Secrets', step('create', false), false],
  ['a role that gets Secrets', step('update', true, roleWith(false).object), true],
  ['a role that had Secrets', step('update', true, roleWith(true).object), false],
  ['an unchanged role', step('unchanged', true, roleWith(true).object), false],
])('%s is reported: %s', (_, one, isReported) => {
  const found = secretAccessFindings([{cluster: 'east', steps: [one]}], [member('east'), member('west')])
  expect(found.map(({level, message}) => `${level}: ${message}`)).toEqual(
    isReported
      ? [
          'warning: reader accounts get access to all Secrets of east, because these istiods read them: istiod of west (Istio 1.30.3)',
        ]
      : [],
  )
})

test('one short warning covers a large fleet', () => {
  const names = Array.from({length: 100}, (_, index) => `c${index}`)
  const plans = names.map(cluster => ({cluster, steps: [step('create', true)]}))
  const found = secretAccessFindings(
    plans,
    names.map(name => member(name)),
  )
  expect(found.map(({message}) => message)).toEqual([
    'reader accounts get access to all Secrets of c0, c1, c2 and 97 more, because these istiods read them: istiod of c1 (Istio 1.30.3), istiod of c2 (Istio 1.30.3), istiod of c3 (Istio 1.30.3) and 97 more',
  ])
})
