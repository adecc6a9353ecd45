import fc from 'fast-check'
import {expect, test} from 'vitest'
import {definitionsToSend, isOlder, render} from '../../src/control-plane/render.ts'
import type {ControlPlaneInput} from '../../src/istio/render/input.ts'
import type {Definition} from '../../src/istio/render/manifest.ts'

const input: ControlPlaneInput = {
  namespace: 'team-a',
  revision: 'team-a',
  isDefault: false,
  requested: {values: {}, operator: {}},
}

test.each([
  ['sail', ['Istio']],
  ['none', []],
] as const)('via %s renders %j without another program', async (via, kinds) => {
  const spec = {via, istioctl: undefined, chart: 'istio/istiod', chartVersion: undefined, base: undefined}
  const {objects, definitions} = await render(spec, input, new AbortController().signal)
  expect(objects.map(({kind}) => kind)).toEqual(kinds)
  expect(definitions).toEqual([])
})

test.each([
  ['missing', undefined, true],
  ['ours and older', {version: '1.30.2', ours: true}, true],
  ['ours and equal', {version: '1.31.0', ours: true}, false],
  ['ours and newer', {version: '1.32.0', ours: true}, false],
  ['ours without a version', {version: undefined, ours: true}, false],
  ['of another owner and older', {version: '1.30.2', ours: false}, false],
])('a definition that is %s in the cluster is sent: %s', (_, existing, sent) => {
  const definition: Definition = {
    name: 'gateways.networking.istio.io',
    version: '1.31.0',
    read: () => {
      throw new Error('not needed')
    },
  }
  const live = new Map(existing ? [[definition.name, existing]] : [])
  expect(definitionsToSend([definition], live)).toEqual(sent ? [definition] : [])
})

test.each([
  ['1.9.0', '1.10.0', true],
  ['v1.30.3', '1.30.4', true],
  ['1.31.0', '1.30.9', false],
  ['1.31.0-rc.1', '1.31.0', false],
  ['latest', '1.31.0', false],
  ['1.31', '1.32', false],
  [undefined, '1.31.0', false],
])('%s is older than %s: %s', (one, other, expected) => expect(isOlder(one, other)).toBe(expected))

test('of two different versions exactly one is older', () => {
  const version = fc.tuple(fc.nat(3), fc.nat(40), fc.nat(12)).map(parts => parts.join('.'))
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(isOlder(a, b) || isOlder(b, a)).toBe(a !== b)
      expect(isOlder(a, b) && isOlder(b, a)).toBe(false)
    }),
  )
})
