import {expect, test} from 'vitest'
import {plainHosts, selectorOf, selectsPod, serversOf} from '../../../src/features/ingress/istio-gateway.ts'
import {object} from './samples.ts'

test('a Gateway without a spec has no servers and no selector', () => {
  expect(serversOf(object('Gateway', 'g'))).toEqual([])
  expect(selectorOf(object('Gateway', 'g'))).toEqual({})
})

test.each([
  [undefined, true],
  [{istio: 'a'}, true],
  [{istio: 'a', app: 'x'}, false],
  [{istio: 'b'}, false],
])('selector %j', (selector, expected) => {
  expect(selectsPod(object('Gateway', 'g', {spec: {selector}}), {istio: 'a'})).toBe(expected)
})

test('hosts are returned without their namespace', () => {
  expect(plainHosts({hosts: ['./a.example', '*/b.example', 'ns/*.c.example', 'd.example']})).toEqual([
    ...['a.example', 'b.example', '*.c.example', 'd.example'],
  ])
})
