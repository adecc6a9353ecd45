import {expect, test} from 'vitest'
import {layOut} from '../../../src/features/graph/layout.ts'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import type {Graph} from '../../../src/features/graph/report-types.ts'
import {graph} from './samples.ts'

/** A mesh of many clusters, each of which reads all others. */
function full(size: number): Graph {
  const all = graph()
  const names = Array.from({length: size}, (_, at) => `c-${at}`)
  return {
    ...all,
    clusters: names.map(name => ({...all.clusters[0]!, name, network: name})),
    links: names.flatMap(holder =>
      names
        .filter(target => target !== holder)
        .map(target => ({holder, target, state: 'ok', text: '89d left', check: null, expiresInSeconds: 9})),
    ),
    exports: [],
  }
}

test.each([1, 2, 12])('%i clusters: no two boxes overlap, and all are inside', async size => {
  const {nodes, width, height} = await layOut(drawingOf(full(size)))
  expect(nodes).toHaveLength(size)
  for (const one of nodes) {
    expect(one.x).toBeGreaterThanOrEqual(0)
    expect(one.y).toBeGreaterThanOrEqual(0)
    expect(one.x + one.width).toBeLessThanOrEqual(width)
    expect(one.y + one.height).toBeLessThanOrEqual(height)
    for (const other of nodes)
      if (other !== one)
        expect(
          one.x + one.width <= other.x ||
            other.x + other.width <= one.x ||
            one.y + one.height <= other.y ||
            other.y + other.height <= one.y,
        ).toBe(true)
  }
})

test('equal graphs have equal positions', async () => {
  expect(await layOut(drawingOf(graph()))).toEqual(await layOut(drawingOf(graph())))
})
