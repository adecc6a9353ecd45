import {expect, test} from 'vitest'
import {emptyList, formatResourceList, withObjects} from '../../../../src/features/files/fn/objects.ts'
import {parseNode, type YamlMap} from '../../../../src/text/yaml-nodes.ts'

const frame = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n'
const nodes = (...texts: string[]) => texts.map(text => parseNode(text))
const namespace = (labels: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {name: 'a', labels},
})
const text = (items: ReturnType<typeof nodes>) => formatResourceList(parseNode(frame) as YamlMap, items, [])

test('objects follow the items; one of them gets the fields of both', () => {
  const items = nodes(
    '{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {own: "1"}}}',
    'kind: Other\nbig: 9223372036854775807',
  )
  const other = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'b'}}
  expect(text(withObjects(items, [namespace({net: 'n'}), other]))).toBe(`${frame}items:
- {apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {own: "1", net: 'n'}}}
- kind: Other
  big: 9223372036854775807
- apiVersion: v1
  kind: Namespace
  metadata:
    name: b
`)
})

test('different values are an error that names the object and the fields', () => {
  const items = nodes('{apiVersion: v1, kind: Namespace, metadata: {name: a, labels: {net: other}}}')
  expect(() => withObjects(items, [namespace({net: 'n'})])).toThrow(/^namespace\/a: .* set metadata\.labels\.net to/)
})

test('an object in another namespace or group is another one', () => {
  const items = nodes(
    '{apiVersion: v1, kind: Namespace, metadata: {name: a, namespace: x}}',
    '{apiVersion: g/v1, kind: Namespace, metadata: {name: a}}',
  )
  expect(withObjects(items, [namespace({})])).toHaveLength(3)
})

test('results replace those of the input; the list keeps its other fields', () => {
  const list = parseNode(`${frame}items: [a]\nfunctionConfig: {kind: X}\nresults: [old]\n`) as YamlMap
  expect(formatResourceList(list, [], [])).toBe(`${frame}items: []\nfunctionConfig: {kind: X}\n`)
  expect(formatResourceList(emptyList(list), [], [{message: 'a: b\nc', severity: 'error'}])).toBe(
    `${frame}items: []\nresults:\n- message: |-\n    a: b\n    c\n  severity: error\n`,
  )
})
