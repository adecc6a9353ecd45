import {test} from 'vitest'
import {drawingOf} from '../../../src/features/graph/report-drawing.ts'
import {formatMermaid} from '../../../src/features/graph/report-mermaid.ts'
import {expectGolden} from '../../support/golden.ts'
import {graph} from './samples.ts'

test('a flowchart', async () => {
  await expectGolden('graph/mesh.mmd', formatMermaid(drawingOf(graph())))
})
