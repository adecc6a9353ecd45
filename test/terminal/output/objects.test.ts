import {describe, expect, test} from 'vitest'
import type {FieldEdit} from '../../../src/engine/kubernetes/change.ts'
import {formatJson, formatNames, formatYaml, objectsOf} from '../../../src/terminal/output/objects.ts'
import {loadAllYaml} from '../../../src/text/yaml.ts'
import {configMap, creates, editing, planOf, removes, secret} from './steps.ts'

const target = {apiVersion: 'v1', kind: 'Namespace', name: 'istio-system'}
const label: FieldEdit = {at: 'label', key: 'net', value: 'a'}
const gone: FieldEdit = {at: 'label', key: 'old', value: undefined}
const text: FieldEdit = {at: 'text', path: ['data', 'mesh'], about: 'x', edit: old => old}

const namesOf = (steps: Parameters<typeof planOf>, includeSecrets = false) => {
  const {objects, leftOut} = objectsOf(planOf(...steps), includeSecrets)
  return {names: objects.map(({object}) => object.metadata.name), leftOut}
}
const none = {secrets: 0, pending: 0, edits: 0}

describe('objectsOf', () => {
  test.each<[string, Parameters<typeof planOf>, boolean, string[], object]>([
    ['an applied object', [creates(configMap('a', {}))], false, ['a'], none],
    [
      'a Secret, by default',
      [creates(secret('s', {})), creates(configMap('a', {}))],
      false,
      ['a'],
      {...none, secrets: 1},
    ],
    ['a Secret, on request', [creates(secret('s', {}))], true, ['s'], none],
    ['a pending Secret, on request', [creates(secret('s', {}), {pending: 'later'})], true, [], {...none, pending: 1}],
    [
      'a pending Secret is counted once',
      [creates(secret('s', {}), {pending: 'later'})],
      false,
      [],
      {...none, pending: 1},
    ],
    ['a removed object', [removes(configMap('a', {}))], false, [], none],
    ['an added label', [editing({target, edits: [gone, label]})], false, ['istio-system'], none],
    ['a removed label', [editing({target, edits: [gone]})], false, [], none],
    ['a created namespace', [editing({target, edits: [], create: true})], false, ['istio-system'], none],
    [
      'an edit of a text with several owners',
      [editing({target, edits: [text, label]})],
      false,
      [],
      {...none, edits: 1},
    ],
  ])('%s', (_, steps, includeSecrets, names, leftOut) =>
    expect(namesOf(steps, includeSecrets)).toEqual({names, leftOut}),
  )

  test('keeps order and waves, and leaves out fields that controllers write', () => {
    const live = configMap('b', {}, {uid: 'u', managedFields: []})
    const {objects} = objectsOf(planOf(creates(live, {wave: 40}), creates(configMap('a', {}), {wave: 10})), false)
    expect(objects.map(({wave, object}) => [wave, object.metadata])).toEqual([
      [40, {name: 'b', namespace: 'istio-system'}],
      [10, {name: 'a', namespace: 'istio-system'}],
    ])
  })
})

describe('one cluster and several', () => {
  const east = objectsOf(planOf(creates(configMap('a', {k: 'y'})), editing({target, edits: [label]})), false)
  const west = {...east, cluster: 'west', objects: east.objects.slice(1)}

  test('YAML', () => {
    expect(formatYaml([east])).toBe(`---
apiVersion: v1
kind: ConfigMap
metadata:
  name: a
  namespace: istio-system
data:
  k: 'y'
---
apiVersion: v1
kind: Namespace
metadata:
  labels:
    net: a
  name: istio-system
`)
    const both = formatYaml([east, west])
    expect(both.split('\n').filter(line => line.startsWith('#'))).toEqual(['# cluster: east', '# cluster: west'])
    expect(loadAllYaml(both)).toEqual([...east.objects, ...west.objects].map(({object}) => object))
    expect(formatYaml([])).toBe('')
  })

  test('JSON', () => {
    expect(JSON.parse(formatJson([east]))).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: east.objects.map(({object}) => object),
      removed: [],
    })
    expect(JSON.parse(formatJson([east, west])).clusters.west.items).toHaveLength(1)
    const removal = objectsOf(planOf(removes(configMap('a', {}))), false)
    const metadata = {name: 'a', namespace: 'istio-system'}
    expect(JSON.parse(formatJson([removal]))).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      items: [],
      removed: [{apiVersion: 'v1', kind: 'ConfigMap', metadata}],
    })
    expect(formatYaml([removal])).toBe('')
  })

  test('names', () => {
    expect(formatNames([east])).toBe('configmap/a\nnamespace/istio-system\n')
    expect(formatNames([objectsOf(planOf(removes(configMap('a', {}))), false)])).toBe('configmap/a\n')
    expect(formatNames([east, west])).toBe(
      '# cluster: east\nconfigmap/a\nnamespace/istio-system\n# cluster: west\nnamespace/istio-system\n',
    )
  })
})
