import {expect, test} from 'vitest'
import {readKialiInterface} from '../../../../src/features/addon/open/istio-addons.ts'

const map = (text: string) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: {name: 'kiali', namespace: 'istio-system'},
  data: {'config.yaml': text},
})
const none = {strategy: undefined, port: undefined, path: undefined}

test.each([
  ['auth: {strategy: token}\nserver: {port: 8080, web_root: /mesh}', {strategy: 'token', port: 8080, path: '/mesh'}],
  ['server: {port: "20001", web_root: "//host/\\u001b"}', none],
  ['server: {port: 70000}', none],
  ['server: [', none],
  ['text', none],
])('%j', (text, expected) => {
  expect(readKialiInterface(map(text))).toEqual(expected)
})

test('without a ConfigMap, nothing is known', () => {
  expect(readKialiInterface(undefined)).toEqual(none)
})
