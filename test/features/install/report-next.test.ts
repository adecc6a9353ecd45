import {expect, test} from 'vitest'
import {refOf} from '../../../src/engine/kubernetes/object.ts'
import type {Outcome} from '../../../src/engine/plan/apply.ts'
import {stepsAfterInstall} from '../../../src/features/install/report-next.ts'

const here = {context: '', connection: '', isNew: true}
const status = 'kubectl mesh install status'
const istiod = (image: string) => ({
  ...{apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'istiod', namespace: 'istio-system'}},
  spec: {template: {spec: {containers: [{name: 'discovery', image}]}}},
})
const update = (from: string, to: string, result: Outcome['result'] = 'ok'): Outcome => {
  const object = istiod(to)
  const change = {action: 'apply', cluster: 'east', wave: 20, object} as const
  return {
    cluster: 'east',
    result,
    step: {
      change,
      ref: refOf(object),
      verdict: 'update',
      live: {...istiod(from), metadata: {...istiod(from).metadata, uid: 'u', resourceVersion: '1'}},
      merged: object,
    },
  }
}

test('namespaces get sidecars of a new control plane by a label', () => {
  expect(stepsAfterInstall({revision: undefined}, [], here)).toEqual([
    status,
    'kubectl label namespace NAMESPACE istio-injection=enabled',
  ])
  expect(stepsAfterInstall({revision: '1-31'}, [], {...here, context: 'east', connection: '--as admin'})).toEqual([
    `${status} --context east --as admin`,
    'kubectl --context east --as admin label namespace NAMESPACE istio.io/rev=1-31',
  ])
})

test('after a change of the image, pods get new sidecars by a restart', () => {
  const steps = (outcome: Outcome) => stepsAfterInstall({revision: undefined}, [outcome], {...here, isNew: false})
  expect(steps(update('pilot:1.30', 'pilot:1.31'))).toEqual([status, 'kubectl -n NAMESPACE rollout restart deployment'])
  expect(steps(update('pilot:1.31', 'pilot:1.31'))).toEqual([status])
  expect(steps(update('pilot:1.30', 'pilot:1.31', 'failed'))).toEqual([status])
})
