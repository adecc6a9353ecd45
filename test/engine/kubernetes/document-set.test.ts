import {expect, test} from 'vitest'
import {formerSet, isOfSet, setAnnotationFor} from '../../../src/engine/kubernetes/document-set.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'

const annotation = 'kubectl-mesh.io/set'

function record(data: object, set?: string): KubernetesObject {
  const annotations: Record<string, string> = set === undefined ? {} : {[annotation]: set}
  return {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a', namespace: 'mesh', annotations}, data}
}

const settings = {settings: '{}'}
const live = (set?: string) => record(settings, set)

test('only the annotation of the same name', () => {
  expect(isOfSet(live('prod'), 'prod')).toBe(true)
  expect([isOfSet(live('prod'), 'test'), isOfSet(live(), 'prod')]).toEqual([false, false])
})

test.each<[string, KubernetesObject | undefined, string | undefined, object]>([
  ['a new document', undefined, 'prod', {[annotation]: 'prod'}],
  ['a document of the set', live('prod'), 'prod', {[annotation]: 'prod'}],
  ['a document of another set', live('test'), 'prod', {}],
  ['a document that a person has applied', live(), 'prod', {}],
  ['applied without a set', live('prod'), undefined, {}],
])('%s', (_, existing, set, expected) => expect(setAnnotationFor(record(settings), existing, set)).toEqual(expected))

test('what several documents share belongs to no set', () =>
  expect(setAnnotationFor(record({cluster: 'east'}), undefined, 'prod')).toEqual({}))

test('the set that a record leaves', () => {
  expect([formerSet(live('prod'), live()), formerSet(live('prod'), live('test'))]).toEqual(['prod', 'prod'])
  const stays = [
    formerSet(live('prod'), live('prod')),
    formerSet(live(), live('prod')),
    formerSet(undefined, live('prod')),
  ]
  // A removal.
  expect([...stays, formerSet(live('prod'), undefined)]).toEqual([undefined, undefined, undefined, undefined])
})
