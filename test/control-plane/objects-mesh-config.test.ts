import {expect, test} from 'vitest'
import {buildMeshEdit, buildMeshRestore} from '../../src/control-plane/objects-mesh-config.ts'
import type {Manager} from '../../src/engine/kubernetes/manager.ts'

const target = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'istio-system', name: 'istio'}
const text = {about: 'a: on', edit: (mesh: string) => `${mesh}a: {b: true}\n`}
const value = {path: ['a', 'b'], value: 'true', effect: 'x'}
const argo: Manager = {tool: 'argo-cd', name: 'Argo CD application mesh', when: 'later'}

test('the durable way is to set the value where its manager reads it', () => {
  const {ifReverted, undoes} = buildMeshEdit('east', target, text, value)
  expect(ifReverted?.instead(argo)).toEqual([
    'set meshConfig.a.b to "true" in the values that Argo CD application mesh applies',
  ])
  expect(undoes).toBeUndefined()
  const own = buildMeshEdit('east', target, text, {...value, instead: ({name}) => [`ask ${name}`]})
  expect(own.ifReverted?.instead(argo)).toEqual(['ask Argo CD application mesh'])
})

test('a restored mesh config needs no confirmation', () => {
  const edits = [{at: 'text', path: ['data', 'mesh']}]
  expect(buildMeshEdit('east', target, text, value)).toMatchObject({target, edits})
  expect(buildMeshRestore('east', target, text)).toMatchObject({target, edits, undoes: true})
})
