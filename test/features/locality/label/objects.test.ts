import fc from 'fast-check'
import {expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../../src/engine/plan/edit.ts'
import {localityLabels, localityOfNode, localityParts, parseLocality} from '../../../../src/features/locality/istio.ts'
import {buildNodeLabels, labelConflicts} from '../../../../src/features/locality/label/objects.ts'
import {formerAnnotation} from '../../../../src/features/locality/label/objects-undo.ts'

const node = (labels: Record<string, string>): KubernetesObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: {name: 'w-1', labels},
})
const {region, zone, subzone} = localityLabels

test('only labels that differ are set', () => {
  expect(buildNodeLabels('east', node({[region]: 'r', [zone]: 'z'}), parseLocality('r/z'))).toBeUndefined()
  const edits = buildNodeLabels('east', node({[region]: 'r'}), parseLocality('r/z/s'))?.edits
  expect(edits?.slice(0, 2)).toEqual([
    {at: 'label', key: zone, value: 'z'},
    {at: 'label', key: subzone, value: 's'},
  ])
  expect(edits?.slice(2)).toEqual([expect.objectContaining({at: 'annotation', key: formerAnnotation})])
})

test('deprecated labels are translated where nothing else is requested, and never replace current ones', () => {
  const deprecated = {
    'failure-domain.beta.kubernetes.io/region': 'r0',
    'failure-domain.beta.kubernetes.io/zone': 'z0',
  }
  const current = {...deprecated, [region]: 'r1', [zone]: 'z1'}
  expect(buildNodeLabels('east', node(deprecated), parseLocality(''))?.edits.slice(0, 2)).toEqual([
    {at: 'label', key: region, value: 'r0'},
    {at: 'label', key: zone, value: 'z0'},
  ])
  expect(buildNodeLabels('east', node(current), parseLocality(''))).toBeUndefined()
  expect(
    buildNodeLabels('east', node(deprecated), parseLocality('r2/z2'))?.edits.flatMap(edit =>
      edit.at === 'label' ? [edit.value] : [],
    ),
  ).toEqual(['r2', 'z2'])
})

const text = fc.constantFrom('', 'a', 'b')
const locality = fc.record({region: text, zone: text, subzone: text})
const own: string[] = Object.values(localityLabels)
const otherLabels = (labels: Record<string, string> = {}) =>
  Object.entries(labels).filter(([key]) => !own.includes(key))

test('the node has the requested locality, other labels stay, and a second run changes nothing', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        fc.constantFrom(...Object.values(localityLabels), 'x', 'failure-domain.beta.kubernetes.io/zone'),
        fc.constantFrom('a', 'b', 'c'),
      ),
      locality,
      (labels, requested) => {
        const before = node(labels)
        const edit = buildNodeLabels('east', before, requested)
        const after = edit ? editObject(before, edit.edits, 'm').merged : before
        const found = localityOfNode(after.metadata.labels)
        for (const part of localityParts) expect(found[part]).toBe(requested[part] || localityOfNode(labels)[part])
        expect(buildNodeLabels('east', after, requested)).toBeUndefined()
        expect(otherLabels(after.metadata.labels)).toEqual(otherLabels(labels))
        // Only conflicting labels are replaced.
        const replaced = own.filter(key => labels[key] && after.metadata.labels?.[key] !== labels[key])
        expect(
          labelConflicts(before, requested)
            .map(({label}) => label)
            .sort(),
        ).toEqual(replaced.sort())
      },
    ),
  )
})
