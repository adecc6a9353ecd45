import {expect, test} from 'vitest'
import {
  formatLocality,
  localityOfNode,
  localityOfPod,
  localityOfPodLabels,
  matchesLocality,
  parseLocality,
} from '../../../src/features/locality/istio.ts'

test('the labels of a node; deprecated labels only where the current ones are missing', () => {
  const deprecated = {'failure-domain.beta.kubernetes.io/region': 'r0', 'failure-domain.beta.kubernetes.io/zone': 'z0'}
  expect(localityOfNode({...deprecated, 'topology.kubernetes.io/zone': 'z1'})).toEqual({
    region: 'r0',
    zone: 'z1',
    subzone: '',
  })
  expect(localityOfNode(undefined)).toEqual({region: '', zone: '', subzone: ''})
})

test('the label of a pod takes precedence over its node', () => {
  const node = parseLocality('shenzhen/sz-1')
  expect(localityOfPod({}, node)).toBe(node)
  expect(localityOfPodLabels({app: 'web'})).toBeUndefined()
  expect(localityOfPod({'istio-locality': 'a.b.c'}, node)).toEqual(parseLocality('a/b/c'))
  expect(localityOfPod({'istio-locality': 'a.b', 'topology.istio.io/locality': 'x/y.z'}, node)).toEqual(
    parseLocality('x/y.z'),
  )
})

test.each([
  ['*', true],
  ['shenzhen', true],
  ['shenzhen/*', true],
  ['shenzhen/sz-1', true],
  ['shenzhen/sz-1/*', true],
  ['shenzhen/sz-1/b', false],
  ['shen', false],
  ['beijing/*', false],
])('%s matches shenzhen/sz-1/a: %s', (pattern, matches) => {
  expect(matchesLocality(parseLocality('shenzhen/sz-1/a'), pattern)).toBe(matches)
})

test.each(['-', 'shenzhen', 'shenzhen/sz-1', 'shenzhen/sz-1/a', 'shenzhen//a'])(
  '%s is formatted as it was parsed',
  text => {
    expect(formatLocality(parseLocality(text === '-' ? '' : text))).toBe(text)
  },
)
