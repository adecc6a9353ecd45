import {test} from 'vitest'
import {formatDot} from '../../../src/features/graph/report-dot.ts'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import {expectGolden} from '../../support/golden.ts'
import {graph} from './samples.ts'

test('a digraph', async () => {
  await expectGolden('graph/mesh.dot', formatDot(drawingOf(graph())))
})
