import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {
  type Balancing,
  type EndpointGroup,
  fitsLocality,
  formatLocality,
  type Locality,
  localityOfNode,
  localityOfPod,
  parseLocality,
  serve,
} from '../../../src/features/locality/istio.ts'

const at = (text: string, count = 1, labels: Record<string, string> = {}): EndpointGroup => ({
  locality: parseLocality(text),
  labels,
  count,
})
const groups = ['shenzhen/sz-1/a', 'shenzhen/sz-1/b', 'shenzhen/sz-2', 'beijing/bj-1', 'tokyo/t-1'].map(text =>
  at(text),
)

/** `place priority` of each group, in the order told. */
function order(from: string, balancing: Balancing, of: readonly EndpointGroup[] = groups): string[] {
  return serve({locality: parseLocality(from), labels: {}}, of, balancing).map(
    ({group, priority, share}) => `${formatLocality(group.locality)} ${share === undefined ? priority : `${share}%`}`,
  )
}

describe('who is served from where', () => {
  test('from near to far, priorities without gaps', () => {
    expect(order('shenzhen/sz-1/a', {setting: {}, failsOver: true})).toEqual([
      'shenzhen/sz-1/a 0',
      'shenzhen/sz-1/b 1',
      'shenzhen/sz-2 2',
      'beijing/bj-1 3',
      'tokyo/t-1 3',
    ])
    expect(order('beijing/bj-9', {setting: {}, failsOver: true}).slice(0, 2)).toEqual([
      'beijing/bj-1 0',
      'shenzhen/sz-1/a 1',
    ])
  })

  test('the failover target before other regions', () => {
    const setting = {failover: [{from: 'shenzhen', to: 'tokyo'}]}
    expect(order('shenzhen/sz-2', {setting, failsOver: true})).toEqual([
      'shenzhen/sz-2 0',
      'shenzhen/sz-1/a 1',
      'shenzhen/sz-1/b 1',
      'tokyo/t-1 2',
      'beijing/bj-1 3',
    ])
    // for other regions nothing is said
    expect(order('osaka', {setting, failsOver: true})).toEqual(
      groups.map(({locality}) => `${formatLocality(locality)} 0`),
    )
  })

  test('without outlier detection, and switched off, all are alike', () => {
    const alike = groups.map(({locality}) => `${formatLocality(locality)} 0`)
    expect(order('shenzhen/sz-1/a', {setting: {}, failsOver: false})).toEqual(alike)
    expect(order('shenzhen/sz-1/a', {setting: undefined, failsOver: true})).toEqual(alike)
  })

  test('what is distributed leaves out who is not listed, outlier detection or not', () => {
    const setting = {distribute: [{from: 'shenzhen/*', to: {'shenzhen/sz-1/*': 70, beijing: 30}}]}
    const of = [at('shenzhen/sz-1/a', 3), at('shenzhen/sz-1/b', 1), at('beijing/bj-1'), at('tokyo/t-1')]
    for (const failsOver of [true, false])
      expect(order('shenzhen/sz-2', {setting, failsOver}, of)).toEqual([
        'shenzhen/sz-1/a 53%',
        'beijing/bj-1 30%',
        'shenzhen/sz-1/b 18%',
      ])
    expect(order('tokyo', {setting, failsOver: true}, of)).toHaveLength(4)
    // of two rules that fit, the first takes the endpoints
    const twice = {distribute: [{from: '*', to: {'beijing/bj-1': 60, beijing: 40}}]}
    expect(order('tokyo', {setting: twice, failsOver: true}, [at('beijing/bj-1'), at('beijing/bj-2')])).toEqual([
      'beijing/bj-1 60%',
      'beijing/bj-2 40%',
    ])
  })

  test('by labels: the more fit from the first on, the earlier', () => {
    const setting = {failoverPriority: ['topology.kubernetes.io/region', 'version=v2']}
    const of = [at('shenzhen', 1, {version: 'v1'}), at('shenzhen', 1, {version: 'v2'}), at('tokyo', 1, {version: 'v2'})]
    const served = serve({locality: parseLocality('shenzhen'), labels: {}}, of, {setting, failsOver: true})
    expect(served.map(({group, priority}) => [of.indexOf(group), priority])).toEqual([
      [1, 0],
      [0, 1],
      [2, 2],
    ])
    expect(served[1]!.why).toBe('differs in version')
  })

  test('traffic distribution prefers the zone and does not need one network', () => {
    const network = 'topology.istio.io/network'
    const setting = {failoverPriority: [network, 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone']}
    const of = [at('shenzhen/sz-1'), at('shenzhen/sz-2'), at('shenzhen/sz-1', 1, {[network]: 'other'})]
    const served = serve({locality: parseLocality('shenzhen/sz-1/a'), labels: {}}, of, {setting, failsOver: true})
    expect(served.map(({group}) => of.indexOf(group))).toEqual([0, 1, 2])
  })
})

test('labels of a node; those of old only where the new ones are missing', () => {
  const old = {'failure-domain.beta.kubernetes.io/region': 'r0', 'failure-domain.beta.kubernetes.io/zone': 'z0'}
  expect(localityOfNode({...old, 'topology.kubernetes.io/zone': 'z1'})).toEqual({region: 'r0', zone: 'z1', subzone: ''})
  expect(localityOfNode(undefined)).toEqual({region: '', zone: '', subzone: ''})
})

test("a pod's own label goes before its node", () => {
  const node = parseLocality('shenzhen/sz-1')
  expect(localityOfPod({}, node)).toBe(node)
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
])('%s fits shenzhen/sz-1/a: %s', (rule, fits) => {
  expect(fitsLocality(parseLocality('shenzhen/sz-1/a'), rule)).toBe(fits)
})

const place: fc.Arbitrary<Locality> = fc.record({
  region: fc.constantFrom('', 'r1', 'r2', 'r3'),
  zone: fc.constantFrom('', 'z1', 'z2'),
  subzone: fc.constantFrom('', 's1', 's2'),
})
const group = fc.record({locality: place, labels: fc.constant({}), count: fc.integer({min: 1, max: 9})})

test('priorities begin at 0, have no gap, and nobody is lost or doubled', () => {
  const failover = fc.array(fc.record({from: fc.constantFrom('r1', 'r2'), to: fc.constantFrom('r2', 'r3')}), {
    maxLength: 2,
  })
  fc.assert(
    fc.property(
      place,
      fc.array(group, {minLength: 1, maxLength: 8}),
      failover,
      fc.boolean(),
      (locality, all, rules, failsOver) => {
        const served = serve({locality, labels: {}}, all, {setting: {failover: rules}, failsOver})
        expect(new Set(served.map(one => one.group))).toEqual(new Set(all))
        const priorities = [...new Set(served.map(({priority}) => priority))]
        expect(priorities).toEqual(priorities.map((_, index) => index))
        // what is nearer never comes after what is farther
        if (failsOver && all.some(one => formatLocality(one.locality) === formatLocality(locality)))
          expect(formatLocality(served[0]!.group.locality)).toBe(formatLocality(locality))
      },
    ),
  )
})
