import {describe, expect, test} from 'vitest'
import {readResourceList} from '../../../../src/features/files/fn/spec.ts'

const frame = 'apiVersion: config.kubernetes.io/v1\nkind: ResourceList\n'
const tenant = (annotations = '{}') =>
  `{apiVersion: kubectl-mesh.io/v1alpha1, kind: Tenant, metadata: {name: a, annotations: ${annotations}}}`
const config = (data: string) => `${frame}functionConfig: {apiVersion: v1, kind: ConfigMap, data: ${data}}\n`

test('documents of the group are those of kubectl-mesh, whatever their kind and version', () => {
  const items = [
    tenant(),
    '{apiVersion: kubectl-mesh.io/v9, kind: Tennant}',
    '{apiVersion: kubectl-mesh.io.evil/v1, kind: Tenant}',
    'text',
  ]
  const list = readResourceList(`${frame}items: [${items.join(', ')}]`, {})
  expect(list.items.map(({mesh}) => mesh?.file)).toEqual(['items[0]', 'items[1]', undefined, undefined])
  expect(list.items.map(({mesh}) => mesh?.ref?.name)).toEqual(['a', undefined, undefined, undefined])
  expect(list.choice).toEqual({cluster: undefined, engine: 'kustomize'})
})

test('an empty list, and older versions', () => {
  for (const version of ['v1', 'v1beta1', 'v1alpha1'])
    for (const items of ['', 'items:', 'items: []'])
      expect(
        readResourceList(`apiVersion: config.kubernetes.io/${version}\nkind: ResourceList\n${items}`, {}).items,
      ).toEqual([])
})

test('a path that does not look like one is not shown', () => {
  const file = (path: string) => {
    const annotations = JSON.stringify({'config.kubernetes.io/path': path, 'config.kubernetes.io/index': '2'})
    return readResourceList(`${frame}items: [${tenant(annotations)}]`, {}).items[0]!.mesh
  }
  expect(file('mesh/a.yaml')).toMatchObject({file: 'mesh/a.yaml', source: {path: 'mesh/a.yaml', index: 2}})
  for (const path of ['a\nerror: b', '\u001b[2J', 'x'.repeat(300), ''])
    expect(file(path)).toMatchObject({file: 'items[0]', source: undefined})
})

describe('functionConfig', () => {
  test('a ConfigMap sets cluster and tool; flags take precedence', () => {
    const text = config('{cluster: east, for: argocd}')
    expect(readResourceList(text, {}).choice).toEqual({cluster: 'east', engine: 'argocd'})
    expect(readResourceList(text, {cluster: 'west', for: 'flux'}).choice).toEqual({cluster: 'west', engine: 'flux'})
  })

  test('a document counts once, with the annotations that kustomize adds to the item', () => {
    const text = `${frame}functionConfig: ${tenant()}\nitems: [`
    expect(readResourceList(`${text}]`, {}).config?.mesh?.file).toBe('functionConfig')
    expect(readResourceList(`${text}${tenant('{x: y}')}]`, {}).config).toBeUndefined()
    expect(readResourceList(`${text}${tenant().replace('name: a', 'name: b')}]`, {}).config).toBeDefined()
  })

  test.each([
    [config('{clutser: a}'), 'data.clutser is not a known key'],
    [config('{for: helm}'), 'data.for is not a known tool'],
    [config('{cluster: ""}'), 'the name of the cluster is empty'],
    [config('{__proto__: a}'), 'data.__proto__ is not a known key'],
    [`${frame}functionConfig: {apiVersion: v1, kind: Secret}`, 'functionConfig is neither a ConfigMap'],
    [`${frame}functionConfig: [a]`, 'functionConfig is neither a ConfigMap'],
  ])('%s', (text, message) => expect(() => readResourceList(text, {})).toThrow(message))
})

test.each([
  ['', 'stdin is not valid YAML'],
  ['# nothing', 'stdin is not'],
  ['text', 'stdin is not a ResourceList'],
  ['apiVersion: v1\nkind: List', 'stdin is not a ResourceList'],
  [`${frame}items: {a: b}`, 'items of the ResourceList is not a list'],
  [`${frame}items: [`, 'stdin is not valid YAML'],
  [`${frame}---\n${frame}`, 'stdin is not valid YAML'],
  [`${frame}items: &a [*a]`, 'stdin is not valid YAML'],
  [`${frame}items: [{apiVersion: kubectl-mesh.io/v1alpha1, spec: !!binary aGk=}]`, 'items[0] is not valid YAML'],
])('%j is refused', (text, message) => expect(() => readResourceList(text, {})).toThrow(message))
