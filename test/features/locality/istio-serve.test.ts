import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {formatLocality, type Locality, parseLocality} from '../../../src/features/locality/istio.ts'
import {type Balancing, type EndpointGroup, serve} from '../../../src/features/locality/istio-serve.ts'

const at = (text: string, count = 1, labels: Record<string, string> = {}): EndpointGroup => ({
  locality: parseLocality(text),
  labels,
  count,
})
const groups = ['shenzhen/sz-1/a', 'shenzhen/sz-1/b', 'shenzhen/sz-2', 'beijing/bj-1', 'tokyo/t-1'].map(text =>
  at(text),
)

/** `locality priority` of each group, in the order of the result. */
function order(from: string, balancing: Balancing, of: readonly EndpointGroup[] = groups): string[] {
  return serve({locality: parseLocality(from), labels: {}}, of, balancing).map(
    ({group, priority, share}) => `${formatLocality(group.locality)} ${share === undefined ? priority : `${share}%`}`,
  )
}

describe('the endpoints that a client uses', () => {
  test('near localities first, priorities without gaps', () => {
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

  test('the failover target comes before other regions', () => {
    const setting = {failover: [{from: 'shenzhen', to: 'tokyo'}]}
    expect(order('shenzhen/sz-2', {setting, failsOver: true})).toEqual([
      'shenzhen/sz-2 0',
      'shenzhen/sz-1/a 1',
      'shenzhen/sz-1/b 1',
      'tokyo/t-1 2',
      'beijing/bj-1 3',
    ])
    // No failover is set for other regions.
    expect(order('osaka', {setting, failsOver: true})).toEqual(
      groups.map(({locality}) => `${formatLocality(locality)} 0`),
    )
  })

  test('without outlier detection, or switched off, all endpoints have equal priority', () => {
    const equal = groups.map(({locality}) => `${formatLocality(locality)} 0`)
    expect(order('shenzhen/sz-1/a', {setting: {}, failsOver: false})).toEqual(equal)
    expect(order('shenzhen/sz-1/a', {setting: undefined, failsOver: true})).toEqual(equal)
  })

  test('distribute excludes localities that are not listed, with or without outlier detection', () => {
    const setting = {distribute: [{from: 'shenzhen/*', to: {'shenzhen/sz-1/*': 70, beijing: 30}}]}
    const of = [at('shenzhen/sz-1/a', 3), at('shenzhen/sz-1/b', 1), at('beijing/bj-1'), at('tokyo/t-1')]
    for (const failsOver of [true, false])
      expect(order('shenzhen/sz-2', {setting, failsOver}, of)).toEqual([
        'shenzhen/sz-1/a 53%',
        'beijing/bj-1 30%',
        'shenzhen/sz-1/b 18%',
      ])
    expect(order('tokyo', {setting, failsOver: true}, of)).toHaveLength(4)
    // An endpoint that matches two entries belongs to the first.
    const twice = {distribute: [{from: '*', to: {'beijing/bj-1': 60, beijing: 40}}]}
    expect(order('tokyo', {setting: twice, failsOver: true}, [at('beijing/bj-1'), at('beijing/bj-2')])).toEqual([
      'beijing/bj-1 60%',
      'beijing/bj-2 40%',
    ])
  })

  test('failoverPriority: the more labels match, from the first on, the higher the priority', () => {
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

  test('traffic distribution prefers the same zone, and includes other networks', () => {
    const network = 'topology.istio.io/network'
    const setting = {failoverPriority: [network, 'topology.kubernetes.io/region', 'topology.kubernetes.io/zone']}
    const of = [at('shenzhen/sz-1'), at('shenzhen/sz-2'), at('shenzhen/sz-1', 1, {[network]: 'other'})]
    const served = serve({locality: parseLocality('shenzhen/sz-1/a'), labels: {}}, of, {setting, failsOver: true})
    expect(served.map(({group}) => of.indexOf(group))).toEqual([0, 1, 2])
  })

  test('localities are compared in other networks too', () => {
    const network = 'topology.istio.io/network'
    const setting = {failoverPriority: [network, 'topology.kubernetes.io/zone']}
    const of = ['sz-2', 'sz-1'].map(zone => at(`shenzhen/${zone}`, 1, {[network]: 'other'}))
    const served = serve({locality: parseLocality('shenzhen/sz-1'), labels: {}}, of, {setting, failsOver: true})
    expect(served.map(({group, why}) => [of.indexOf(group), why])).toEqual([
      [1, `differs in ${network}`],
      [0, 'differs in topology.kubernetes.io/zone'],
    ])
  })
})

const locality: fc.Arbitrary<Locality> = fc.record({
  region: fc.constantFrom('', 'r1', 'r2', 'r3'),
  zone: fc.constantFrom('', 'z1', 'z2'),
  subzone: fc.constantFrom('', 's1', 's2'),
})
const group = fc.record({locality, labels: fc.constant({}), count: fc.integer({min: 1, max: 9})})

test('priorities start at 0 without gaps, and every group occurs once', () => {
  const failover = fc.array(fc.record({from: fc.constantFrom('r1', 'r2'), to: fc.constantFrom('r2', 'r3')}), {
    maxLength: 2,
  })
  fc.assert(
    fc.property(
      locality,
      fc.array(group, {minLength: 1, maxLength: 8}),
      failover,
      fc.boolean(),
      (client, all, rules, failsOver) => {
        const served = serve({locality: client, labels: {}}, all, {setting: {failover: rules}, failsOver})
        expect(new Set(served.map(one => one.group))).toEqual(new Set(all))
        const priorities = [...new Set(served.map(({priority}) => priority))]
        expect(priorities).toEqual(priorities.map((_, index) => index))
        // The client's own locality comes first.
        if (failsOver && all.some(one => formatLocality(one.locality) === formatLocality(client)))
          expect(formatLocality(served[0]!.group.locality)).toBe(formatLocality(client))
      },
    ),
  )
})
