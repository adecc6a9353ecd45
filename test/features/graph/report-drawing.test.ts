import {expect, test} from 'vitest'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import {graph} from './samples.ts'

test('a box for each cluster and for each group of exports', () => {
  const {nodes, networks} = drawingOf(graph())
  expect(
    nodes.map(({id, kind, title, subtitle, state, network}) => [id, kind, title, subtitle, state, network]),
  ).toEqual([
    ['c0', 'cluster', 'east', '1.31.0', 'ok', 'net-east'],
    ['c1', 'cluster', 'west', '1.31.0', 'broken', 'net-west'],
    ['c2', 'cluster', 'south', '', 'broken', ''],
    ['s0', 'services', 'app.shop.global', '', 'ok', ''],
  ])
  expect(networks).toEqual(['net-east', 'net-west', ''])
})

test('every arrow ends at a box, also for clusters that are only mentioned', () => {
  const all = graph()
  const exports = [{service: 'a', exporters: ['gone'], importers: ['east']}]
  const {nodes, edges} = drawingOf({...all, exports})
  expect(nodes.find(({title}) => title === 'gone')).toMatchObject({id: 'u0', kind: 'unknown', state: 'warning'})
  const ids = nodes.map(({id}) => id)
  for (const {from, to} of edges) expect(ids).toEqual(expect.arrayContaining([from, to]))
})

test('a group of many services names eight of them', () => {
  const exports = Array.from({length: 12}, (_, at) => ({service: `s${at}`, exporters: ['east'], importers: []}))
  const node = drawingOf({...graph(), exports}).nodes.at(-1)
  expect([node?.title, ...(node?.rows ?? []).map(({value}) => value)]).toEqual([
    ...['s0', 's1', 's2', 's3', 's4', 's5', 's6', 's7', 'and 4 more services'],
  ])
})
