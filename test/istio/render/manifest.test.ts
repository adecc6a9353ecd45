import {expect, test} from 'vitest'
import {readManifest} from '../../../src/istio/render/manifest.ts'

const definition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  labels:
    app.kubernetes.io/version: "1.31.0"
  name: gateways.networking.istio.io
spec: {group: networking.istio.io}
`

test('definitions are separate; comments and empty documents are skipped', () => {
  const text = `# Source: a\n---\n${definition}---\n\n--- # note\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata:\n  text: |\n    not the end\n     --- of it\n`
  const {objects, definitions} = readManifest(text)
  expect(objects).toEqual([
    {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'a'}, data: {text: 'not the end\n --- of it\n'}},
  ])
  expect(definitions.map(({name, version}) => [name, version])).toEqual([['gateways.networking.istio.io', '1.31.0']])
  expect(definitions[0]!.read()).toMatchObject({
    kind: 'CustomResourceDefinition',
    spec: {group: 'networking.istio.io'},
  })
})

test.each(['', '\n', '# only a comment\n---\n'])('%j contains nothing', text =>
  expect(readManifest(text)).toEqual({objects: [], definitions: []}),
)

test.each(['just words', 'a: 1', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n'])('%j is not an object', text => {
  expect(() => readManifest(text)).toThrow('rendered document is not a Kubernetes object')
})
