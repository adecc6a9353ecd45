import {describe, expect, test} from 'vitest'
import {edgesOf, serviceGroups, servicesId} from '../../../src/features/graph/report-edges.ts'
import type {GraphLink} from '../../../src/features/graph/report-types.ts'
import {graph} from './samples.ts'

const ids = new Map([
  ['east', 'c0'],
  ['west', 'c1'],
])
const link = (holder: string, target: string, more: Partial<GraphLink> = {}): GraphLink => ({
  ...{holder, target, state: 'ok', text: 'a', check: null, expiresInSeconds: null, ...more},
})

describe('links', () => {
  test('two that work are one arrow with the life that ends first', () => {
    const links = [
      link('east', 'west', {text: 'long', expiresInSeconds: 9}),
      link('west', 'east', {text: 'short', expiresInSeconds: 3}),
    ]
    expect(edgesOf({clusters: [], links}, [], ids)).toEqual([
      {from: 'c0', to: 'c1', kind: 'reads', both: true, state: 'ok', label: 'short'},
    ])
  })

  test('a broken one stays separate and shows its check', () => {
    const links = [link('east', 'west'), link('west', 'east', {state: 'broken', text: 'b', check: 'c'})]
    expect(edgesOf({clusters: [], links}, [], ids)).toMatchObject([
      {from: 'c0', to: 'c1', both: false, state: 'ok', label: 'a'},
      {from: 'c1', to: 'c0', both: false, state: 'broken', label: 'b (c)'},
    ])
  })
})

test('a remote has an arrow to its primary', () => {
  const [east, west] = graph().clusters
  const edges = edgesOf({clusters: [east!, {...west!, primary: 'east'}], links: []}, [], ids)
  expect(edges).toMatchObject([{from: 'c1', to: 'c0', kind: 'istiod', label: 'uses istiod'}])
})

test('services with the same exporters and importers are one group with its arrows', () => {
  const one = (service: string, importers: string[]) => ({service, exporters: ['east'], importers})
  const groups = serviceGroups({...graph(), exports: [one('a', ['west']), one('b', []), one('c', ['west'])]})
  expect(groups.map(({services}) => services)).toEqual([['a', 'c'], ['b']])
  expect(edgesOf({clusters: [], links: []}, groups, ids)).toMatchObject([
    {from: 'c0', to: servicesId(0), kind: 'exports'},
    {from: servicesId(0), to: 'c1', kind: 'imports'},
    {from: 'c0', to: servicesId(1), kind: 'exports'},
  ])
})
