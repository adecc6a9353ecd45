import {expect, test} from 'vitest'
import {layOut} from '../../../src/features/graph/layout.ts'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import {formatSvg, svgContent} from '../../../src/features/graph/report-svg.ts'
import {expectGolden} from '../../support/golden.ts'
import {graph} from './samples.ts'

test('a picture', async () => {
  await expectGolden('graph/mesh.svg', formatSvg(await layOut(drawingOf(graph()))))
})

test('one element for each box and arrow', async () => {
  const drawing = drawingOf(graph())
  const content = svgContent(await layOut(drawing))
  expect(content.match(/<g class="node /g)).toHaveLength(drawing.nodes.length)
  expect(content.match(/<g class="edge /g)).toHaveLength(drawing.edges.length)
})
