import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {Edit, FieldEdit} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {editObject, objectOfEdit} from '../../../src/engine/plan/edit.ts'
import {frozen} from '../kubernetes/samples.ts'

const me = 'kubectl-mesh'

/** JSON merge patch (RFC 7396), implemented here independently of the code under test. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const result: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? {...target} : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else result[key] = mergePatch(result[key], value)
  }
  return result
}

function object(more: Partial<KubernetesObject> = {}): KubernetesObject {
  return frozen({apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x', namespace: 'ns'}, ...more})
}

const label = (key: string, value: string | undefined): FieldEdit => ({at: 'label', key, value})
const text = (edit: (text: string) => string): FieldEdit => ({at: 'text', path: ['data', 'mesh'], about: 'test', edit})

const key = fc.constantFrom('a', 'b', 'c', 'd', 'topology.istio.io/network')
const values = fc.dictionary(key, fc.constantFrom('1', '2', ''))
const someEdit = fc
  .tuple(
    fc.constantFrom('label', 'annotation', 'data'),
    key,
    fc.option(fc.constantFrom('1', '2', ''), {nil: undefined}),
  )
  .map(([at, name, value]): FieldEdit => ({at, key: name, value}))

describe('editObject', () => {
  test('the patch leads to the merged object, and a second edit changes nothing', () => {
    const live = fc
      .record({labels: values, annotations: values, data: values})
      .map(({labels, annotations, data}) =>
        object({metadata: {name: 'x', labels, annotations}, data, other: {kept: [1]}}),
      )
    fc.assert(
      fc.property(live, fc.array(someEdit, {maxLength: 5}), (before, edits) => {
        const {merged, patch} = editObject(before, edits, me)
        expect(mergePatch(before, patch ?? {})).toEqual(merged)
        const last = new Map(edits.map(edit => [`${edit.at} ${(edit as {key: string}).key}`, edit]))
        for (const edit of last.values()) {
          if (edit.at === 'text' || edit.at === 'entries') continue
          const map = edit.at === 'data' ? merged.data : merged.metadata[`${edit.at}s`]
          expect((map as Record<string, string> | undefined)?.[edit.key]).toBe(edit.value)
        }
        const second = editObject(merged, [...last.values()], me)
        expect(second.patch).toBeUndefined()
        expect(second.overwritten).toEqual([])
      }),
    )
  })

  test.each<[string, Partial<KubernetesObject>, FieldEdit[], unknown]>([
    ['a first label', {}, [label('k', 'v')], {metadata: {labels: {k: 'v'}}}],
    ['a label with the same value', {metadata: {name: 'x', labels: {k: 'v'}}}, [label('k', 'v')], undefined],
    [
      'a label is removed',
      {metadata: {name: 'x', labels: {k: 'v', l: 'w'}}},
      [label('k', undefined)],
      {metadata: {labels: {k: null}}},
    ],
    ['a missing label is removed', {}, [label('k', undefined)], undefined],
    ['a text is changed', {data: {mesh: 'a', other: 'b'}}, [text(old => `${old}!`)], {data: {mesh: 'a!'}}],
    ['a text is not changed', {data: {mesh: 'a'}}, [text(old => old)], undefined],
    ['a missing text is not created empty', {data: {}}, [text(old => old)], undefined],
    [
      'two edits of the same text',
      {data: {mesh: 'a'}},
      [text(old => `${old}b`), text(old => `${old}c`)],
      {data: {mesh: 'abc'}},
    ],
    ['a text without its mapping', {}, [text(() => 'new')], {data: {mesh: 'new'}}],
    ['a null in the path', {data: null}, [text(() => 'new')], {data: {mesh: 'new'}}],
  ])('%s', (_, live, edits, patch) => expect(editObject(object(live), edits, me).patch).toEqual(patch))

  test('an error of a text edit is thrown', () =>
    expect(() => editObject(object({data: {mesh: '['}}), [text(() => expect.unreachable('no YAML'))], me)).toThrow(
      'no YAML',
    ))
})

describe('overwritten values', () => {
  const owned = (manager: string, ...names: string[]) => ({
    manager,
    operation: 'Update' as const,
    fieldsV1: {'f:metadata': {'f:labels': {'.': {}, ...Object.fromEntries(names.map(name => [`f:${name}`, {}]))}}},
  })
  const live = (...managedFields: ReturnType<typeof owned>[]) =>
    object({metadata: {name: 'x', labels: {net: 'a', app: 'b'}, managedFields}})

  test.each([
    [
      'another manager',
      [owned('helm', 'net')],
      [label('net', 'z')],
      [{field: 'label net', value: 'a', owners: ['helm']}],
    ],
    [
      'two other managers',
      [owned('helm', 'net'), owned('argo', 'net')],
      [label('net', undefined)],
      [{field: 'label net', value: 'a', owners: ['helm', 'argo']}],
    ],
    ['another manager of another label', [owned('helm', 'app')], [label('net', 'z')], []],
    [
      'our manager and another',
      [owned(me, 'net'), owned('helm', 'net')],
      [label('net', 'z')],
      [{field: 'label net', value: 'a', owners: ['helm']}],
    ],
    ['only our manager', [owned(me, 'net')], [label('net', 'z')], []],
    ['no recorded manager', [], [label('net', 'z')], [{field: 'label net', value: 'a', owners: ['unknown']}]],
    ['no recorded manager, and the value is removed', [], [label('net', undefined)], []],
    ['another manager with the same value', [owned('helm', 'net')], [label('net', 'a')], []],
    ['another manager of a missing label', [owned('helm', 'other')], [label('other', 'z')], []],
  ])('%s', (_, managers, edits, taken) => expect(editObject(live(...managers), edits, me).overwritten).toEqual(taken))

  test('hide the value of a Secret', () => {
    const secret = object({
      kind: 'Secret',
      data: {west: 'c2VjcmV0'},
      metadata: {name: 'x', managedFields: [{manager: 'helm', fieldsV1: {'f:data': {'f:west': {}}}}]},
    })
    const {overwritten} = editObject(secret, [{at: 'data', key: 'west', value: undefined}], me)
    expect(overwritten).toEqual([{field: 'data west', value: '***', owners: ['helm']}])
  })
})

test('removes entries of a list, and only those', () => {
  const live = object({webhooks: [{name: 'a'}, {name: 'b', rules: [1]}]})
  const edit: FieldEdit = {
    at: 'entries',
    path: ['webhooks'],
    about: 'remove a',
    keeps: entry => (entry as {name: string}).name !== 'a',
  }
  const {merged, patch, overwritten} = editObject(live, [edit], me)
  expect(patch).toEqual({webhooks: [{name: 'b', rules: [1]}]})
  expect(mergePatch(live, patch)).toEqual(merged)
  expect(overwritten).toEqual([])
  expect(editObject(merged, [edit], me).patch).toBeUndefined()
  expect(editObject(object(), [edit], me).patch).toBeUndefined()
})

test('objectOfEdit returns an object with exactly the values of the edit', () => {
  const edit: Edit = {
    action: 'edit',
    cluster: 'east',
    wave: 10,
    target: {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'ns', name: 'x'},
    edits: [
      label('k', 'v'),
      label('gone', undefined),
      {at: 'annotation', key: 'a', value: 'b'},
      text(old => `${old}new`),
    ],
  }
  expect(objectOfEdit(edit)).toEqual({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {namespace: 'ns', name: 'x', labels: {k: 'v'}, annotations: {a: 'b'}},
    data: {mesh: 'new'},
  })
})
