import {expect, test} from 'vitest'
import {meshConfigOf, parsedMap} from '../../src/istio/mesh-config.ts'

test('parses the mesh config', () => {
  expect(meshConfigOf('rootNamespace: istio-system\ndefaultConfig:\n  meshId: mesh1\n')).toEqual({
    rootNamespace: 'istio-system',
    defaultConfig: {meshId: 'mesh1'},
  })
})

test.each(['', 'null', 'text', '- a', '{', 'a: 1\na: 2'])('%j is an empty mesh config', text => {
  expect(meshConfigOf(text)).toEqual({})
})

test('the error of a parser gives an empty map', () => {
  expect(parsedMap(() => JSON.parse('{'))).toEqual({})
  expect(parsedMap(() => JSON.parse('{"a": 1}'))).toEqual({a: 1})
})
