import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../src/engine/kubernetes/object.ts'
import {goBool, istiodContainer, istiodEnv} from '../../src/istio/istiod.ts'

const deployment = (spec: unknown): KubernetesObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'istiod'},
  spec: spec as KubernetesObject['spec'],
})
const withContainers = (...containers: object[]) => deployment({template: {spec: {containers}}})

describe('the container of istiod', () => {
  test('is the one named discovery, in any position', () => {
    const istiod = withContainers({name: 'istio-proxy', image: 'a'}, {name: 'discovery', image: 'b'})
    expect(istiodContainer(istiod)).toMatchObject({image: 'b'})
  })

  test.each<[string, KubernetesObject]>([
    ['no spec', deployment(undefined)],
    ['no pod template', deployment({})],
    ['no such container', withContainers({name: 'istio-proxy'})],
  ])('%s: undefined, with an empty environment', (_, istiod) => {
    expect(istiodContainer(istiod)).toBeUndefined()
    expect(istiodEnv(istiod)).toEqual({})
  })
})

test('the environment has the literal values; a value from a field is undefined', () => {
  const env = [
    {name: 'REVISION', value: '1-31'},
    {name: 'POD_NAME', valueFrom: {fieldRef: {fieldPath: 'metadata.name'}}},
    {name: 'EMPTY', value: ''},
  ]
  expect(istiodEnv(withContainers({name: 'discovery', env}))).toEqual({
    REVISION: '1-31',
    POD_NAME: undefined,
    EMPTY: '',
  })
})

test.each([
  ...['1', 't', 'T', 'true', 'TRUE', 'True'].map(text => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'FALSE', 'False'].map(text => [text, false] as const),
  ...['', 'yes', 'tRue', ' true', '10', 'false\n', undefined].map(text => [text, undefined] as const),
])('goBool: %j', (text, expected) => {
  expect(goBool(text)).toBe(expected)
})
