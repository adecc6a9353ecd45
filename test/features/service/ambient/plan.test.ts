import {describe, expect, test} from 'vitest'
import {type ClusterSharing, planSharing} from '../../../../src/features/service/ambient/plan.ts'
import {hello, membership, request, sharedMeta, sharing} from './samples.ts'

const east = sharing('east', [hello()])
const of = (clusters: readonly ClusterSharing[], name: string) => clusters.find(one => one.sharing.name === name)!
const afterOf = (clusters: readonly ClusterSharing[]) =>
  Object.fromEntries(clusters.map(({sharing: {name}, after}) => [name, Object.fromEntries(after)]))

describe('export', () => {
  test('labels the Service on both sides; both record the other', () => {
    const west = sharing('west', [hello()])
    const {clusters, refusals} = planSharing(request([east], [west]))
    expect(refusals).toEqual([])
    expect(afterOf(clusters)).toEqual({east: {'demo/hello': ['west']}, west: {'demo/hello': ['east']}})
    expect(clusters.map(({edits, stubs}) => [edits.length, stubs.length])).toEqual([
      [1, 0],
      [1, 0],
    ])
  })

  test('a client cluster without the Service gets a stub, with its namespace if that is missing too', () => {
    const {clusters} = planSharing(request([east], [sharing('west', [], {namespaces: new Map()})]))
    const west = of(clusters, 'west')
    expect(west.stubs).toMatchObject([{namespace: 'demo', name: 'hello', record: {with: ['east']}}])
    expect(west.newNamespaces).toEqual(['demo'])
  })

  test('clusters that export to each other', () => {
    const south = sharing('south', [])
    const all = [east, sharing('west', [hello()]), south]
    expect(afterOf(planSharing(request(all, all)).clusters)).toEqual({
      east: {'demo/hello': ['south', 'west']},
      west: {'demo/hello': ['east', 'south']},
      south: {'demo/hello': ['east', 'west']},
    })
  })

  test('an earlier stub stays one, with the clusters of both runs and the ports of the Service now', () => {
    const stub = hello({uid: 'stub', ...sharedMeta({with: ['south']})}, {ports: [{port: 1}]})
    const west = sharing('west', [stub], {stubs: membership([stub])})
    const [change] = of(planSharing(request([east], [west])).clusters, 'west').stubs
    expect(change).toMatchObject({ports: [{port: 80}], record: {with: ['east', 'south']}})
  })

  test.each([
    ['ExternalName', {type: 'ExternalName', ports: [{port: 80}]}, 'has type ExternalName'],
    ['headless', {clusterIP: 'None', ports: [{port: 80}]}, 'is headless'],
  ])('a Service that is %s is refused, in either cluster', (_, spec, reason) => {
    for (const [a, b] of [
      [sharing('east', [hello({}, spec)]), sharing('west', [])],
      [sharing('west', [hello()]), sharing('east', [hello({}, spec)])],
    ] as const) {
      const {clusters, refusals} = planSharing(request([a], [b]))
      expect(refusals).toMatchObject([{cluster: 'east', name: 'hello', reason: expect.stringContaining(reason)}])
      expect(clusters.flatMap(({edits, stubs}) => [...edits, ...stubs])).toEqual([])
    }
  })

  test('a namespace that istiod does not watch is refused, a new one too', () => {
    const plane = {...east.controlPlane, discoverySelectors: [{matchLabels: {team: 'shop'}}]}
    const west = sharing('west', [], {controlPlane: plane, namespaces: new Map()})
    expect(planSharing(request([east], [west])).refusals).toMatchObject([
      {cluster: 'west', hint: 'kubectl --context west label namespace demo team=shop'},
    ])
  })
})

describe('unexport', () => {
  const withdraw = {selected: () => new Map(), isWithdrawn: () => true}

  test('restores labels and removes stubs; what is shared with further clusters stays', () => {
    const shared = sharing('east', [hello(sharedMeta({with: ['west', 'south']}))])
    const stub = hello({uid: 'stub', ...sharedMeta({with: ['east']})})
    const west = sharing('west', [stub], {stubs: membership([stub])})
    const {clusters} = planSharing(request([shared], [west], {...withdraw, isWithdrawn: ({peer}) => peer !== 'south'}))
    expect(afterOf(clusters)).toEqual({east: {'demo/hello': ['south']}, west: {'demo/hello': []}})
    expect(of(clusters, 'west').removed).toEqual([stub])
    expect(of(clusters, 'west').keepsRecord).toBe(false)
  })

  test('concerns only recorded Services', () => {
    const {clusters} = planSharing(
      request([sharing('east', [hello({labels: {'istio.io/global': 'true'}})])], [], withdraw),
    )
    expect(afterOf(clusters)).toEqual({east: {}})
  })
})
