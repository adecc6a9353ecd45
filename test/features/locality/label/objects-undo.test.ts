import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../../src/engine/plan/edit.ts'
import {localityLabels, parseLocality} from '../../../../src/features/locality/istio.ts'
import {buildNodeLabels} from '../../../../src/features/locality/label/objects.ts'
import {buildNodeUndo, formerAnnotation, readLabelUndo} from '../../../../src/features/locality/label/objects-undo.ts'

const {region, zone} = localityLabels
const node = (labels: Record<string, string>, annotations: Record<string, string> = {}): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {name: 'w-1', labels, annotations},
})

/** The node after a run of `locality label`. */
function labelled(live: KubernetesObject, locality: string): KubernetesObject {
  const edit = buildNodeLabels('east', live, parseLocality(locality))
  return edit ? editObject(live, edit.edits, 'kubectl-mesh').merged : live
}

function restored(live: KubernetesObject): KubernetesObject {
  const undo = buildNodeUndo('east', live)
  return undo ? editObject(live, undo.edit.edits, 'kubectl-mesh').merged : live
}

test('however often a node is labelled, unlabel restores its first labels', () => {
  const value = fc.constantFrom('a', 'b', 'c')
  const locality = fc.tuple(value, value, value).map(parts => parts.join('/'))
  const former = fc.dictionary(fc.constantFrom(...Object.values(localityLabels), 'other'), value)
  fc.assert(
    fc.property(former, fc.array(locality, {maxLength: 4}), (labels, runs) => {
      const before = node(labels)
      expect(restored(runs.reduce(labelled, before))).toEqual(before)
    }),
  )
})

test('a label that was changed afterwards stays and is reported; a new run then restores that value', () => {
  const after = labelled(node({[region]: 'r0'}), 'r1/z1')
  after.metadata.labels![region] = 'theirs'
  expect(buildNodeUndo('east', after)!.changed).toEqual([{key: region, value: 'theirs', set: 'r1'}])
  expect(restored(after).metadata.labels).toEqual({[region]: 'theirs'})
  expect(restored(labelled(after, 'r2/z1')).metadata.labels).toEqual({[region]: 'theirs'})
})

test.each(['', 'no JSON', '[]', 'null', '{"other":{"set":"x"}}', `{"${region}":{"set":1}}`, `{"${region}":null}`])(
  'a record %j restores nothing, and is removed',
  text => {
    const live = node({[region]: 'r', other: 'x'}, {[formerAnnotation]: text})
    expect([...(readLabelUndo(live) ?? [])]).toEqual([])
    expect(restored(live)).toEqual(node({[region]: 'r', other: 'x'}))
  },
)

test('a node without a record is left alone', () => {
  expect(buildNodeUndo('east', node({[zone]: 'z'}))).toBeUndefined()
})
