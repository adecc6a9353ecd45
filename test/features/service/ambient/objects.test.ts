import {describe, expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {buildShared, buildSharing, nextRecord, stubPorts} from '../../../../src/features/service/ambient/objects.ts'
import {hello, sharedMeta} from './samples.ts'

const place = {cluster: 'west', systemNamespace: 'istio-system'}
const none = {stubs: [], removed: [], edits: [], newNamespaces: [], keepsRecord: false}
const record = {with: ['east']}
const stays = {added: [], isWithdrawn: () => false}

describe('buildSharing', () => {
  test('a stub has the ports of the Service, the label and no selector; its namespace and the record precede it', () => {
    const stub = {namespace: 'demo', name: 'hello', ports: stubPorts(hello()), record}
    const changes = buildSharing(place, {...none, stubs: [stub], newNamespaces: ['demo']})
    expect(changes.map(change => `${change.wave} ${targetOf(change).kind}/${targetOf(change).name}`)).toEqual([
      '10 ConfigMap/kubectl-mesh-shared-services',
      '10 Namespace/demo',
      '50 Service/hello',
    ])
    expect(changes[2]).toMatchObject({
      object: {
        metadata: {labels: {'istio.io/global': 'true'}, annotations: {'kubectl-mesh.io/shared': '{"with":["east"]}'}},
        spec: {ports: [{name: 'http', port: 80, protocol: 'TCP'}]},
      },
    })
    expect(changes[2]).not.toHaveProperty('object.spec.selector')
  })

  test('the record is removed with the last stub', () => {
    const kinds = (keepsRecord: boolean) =>
      buildSharing(place, {...none, removed: [hello()], keepsRecord}).map(change => targetOf(change).kind)
    expect(kinds(false)).toEqual(['Service', 'ConfigMap'])
    expect(kinds(true)).toEqual(['Service'])
    expect(buildSharing(place, none)).toEqual([])
  })
})

describe('buildShared', () => {
  const edits = (service = hello(), change: Partial<Parameters<typeof buildShared>[2]> = {}) =>
    buildShared('west', service, {...stays, ...change})?.edits.map(edit => 'value' in edit && [edit.at, edit.value])
  const added = ['east']
  const isWithdrawn = () => true

  test('sets the label, and records its former value', () => {
    expect(edits(hello(), {added})).toEqual([
      ['label', 'true'],
      ['annotation', '{"with":["east"]}'],
    ])
    const hidden = hello({labels: {'istio.io/global': 'false'}})
    expect(edits(hidden, {added})).toContainEqual(['annotation', '{"with":["east"],"former":"false"}'])
  })

  test('keeps the former value of an earlier run, and takes a new one from a label that was changed since', () => {
    const earlier = {with: ['south'], former: 'no'}
    expect(edits(hello(sharedMeta(earlier)), {added})).toContainEqual([
      'annotation',
      '{"with":["east","south"],"former":"no"}',
    ])
    expect(edits(hello(sharedMeta(earlier, 'off')), {added})).toContainEqual([
      'annotation',
      '{"with":["east","south"],"former":"off"}',
    ])
  })

  test('leaves the label of another owner alone', () => {
    expect(edits(hello({labels: {'istio.io/global': 'true'}}), {added})).toBeUndefined()
    expect(edits(hello(), {isWithdrawn})).toBeUndefined()
  })

  test('restores the label when no cluster remains, unless it was changed since', () => {
    expect(edits(hello(sharedMeta({with: ['east']})), {isWithdrawn})).toEqual([
      ['label', undefined],
      ['annotation', undefined],
    ])
    expect(edits(hello(sharedMeta({with: ['east'], former: 'no'})), {isWithdrawn})).toContainEqual(['label', 'no'])
    expect(edits(hello(sharedMeta({with: ['east']}, 'off')), {isWithdrawn})).toEqual([['annotation', undefined]])
  })

  test('drops one of several clusters', () => {
    const shared = hello(sharedMeta({with: ['east', 'south'], former: 'no'}))
    expect(edits(shared, {isWithdrawn: peer => peer === 'east'})).toEqual([
      ['annotation', '{"with":["south"],"former":"no"}'],
    ])
  })
})

test.each([
  [undefined, ['east'], true, true],
  [{with: ['south']}, ['east'], true, undefined],
  [{with: ['south'], byLabel: true}, ['east'], true, true],
  [{with: ['south'], byLabel: true}, ['east'], undefined, undefined],
  [{with: ['south'], byLabel: true}, [], undefined, true],
] as const)('a record %j with %j added by label %s: by label %s', (stored, added, byLabel, expected) => {
  expect(nextRecord(stored, {...stays, added, byLabel}).byLabel).toBe(expected)
})
