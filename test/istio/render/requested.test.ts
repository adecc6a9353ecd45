import {describe, expect, test} from 'vitest'
import {parseRequestedValues} from '../../../src/istio/render/requested.ts'

test.each([
  [[{name: 'f', content: ['a']}], [], '--values f: is not a map of values'],
  [[], ['nothing'], '--set nothing is not PATH=VALUE'],
  [[], ['values=1'], '--set values=1 sets no value: values is a map'],
  [[], ['a[1]=x'], '--set a[1]=x sets item [1]'],
])('%j %j: %s', (files, sets, message) => expect(() => parseRequestedValues(files, sets)).toThrow(message))

describe('--set', () => {
  test.each([
    ['pilot.env.A=b', {pilot: {env: {A: 'b'}}}, {}],
    ['values.pilot.env.A=b', {pilot: {env: {A: 'b'}}}, {}],
    ['meshConfig.accessLogFile=/dev/stdout', {meshConfig: {accessLogFile: '/dev/stdout'}}, {}],
    ['hub=registry.example', {global: {hub: 'registry.example'}}, {}],
    ['namespace=mesh', {global: {istioNamespace: 'mesh'}}, {}],
    ['profile=demo', {}, {profile: 'demo'}],
    ['profile.a=1', {profile: {a: 1}}, {}],
    ['components.cni.enabled=true', {}, {components: {cni: {enabled: true}}}],
  ])('%s', (set, values, operator) => expect(parseRequestedValues([], [set])).toEqual({values, operator}))
})

test('a later file overrides an earlier one, and --set overrides both', () => {
  const operator = {kind: 'IstioOperator', spec: {hub: 'a', profile: 'demo', values: {pilot: {env: {A: 'a', B: 'a'}}}}}
  const files = [
    {name: 'iop.yaml', content: operator},
    {name: 'values.yaml', content: {global: {hub: 'b'}, pilot: {env: {B: 'b', C: 'b'}}}},
  ]
  expect(parseRequestedValues(files, ['pilot.env.C=c'])).toEqual({
    values: {global: {hub: 'b'}, pilot: {env: {A: 'a', B: 'b', C: 'c'}}},
    operator: {profile: 'demo'},
  })
})

test('an IstioOperator without a spec sets nothing', () => {
  expect(parseRequestedValues([{name: 'f', content: {kind: 'IstioOperator'}}], [])).toEqual({values: {}, operator: {}})
})
