import {expect, test} from 'vitest'
import {graphOf} from '../../../src/features/graph/report-model.ts'
import {formatText} from '../../../src/features/graph/report-text.ts'
import {expectGolden} from '../../support/golden.ts'
import {graph, healthyFacts, hostileGraph} from './samples.ts'

const textOf = (lines: ReturnType<typeof formatText>) => lines.map(({text}) => `${text}\n`).join('')

test('boxes, what is broken, and a summary', async () => {
  await expectGolden('graph/text.txt', textOf(formatText(graph(), false)))
})

test('only ASCII', async () => {
  const text = textOf(formatText(graph(), true))
  expect(text).toMatch(/^[ -~\n]*$/)
  await expectGolden('graph/text-ascii.txt', text)
})

test('one cluster has the whole width', async () => {
  const all = healthyFacts()
  const [row] = all.report.rows
  await expectGolden(
    'graph/text-one.txt',
    textOf(formatText(graphOf({...all, report: {...all.report, rows: [row!], held: []}}), false)),
  )
})

test('broken lines are red, and only those', () => {
  const lines = formatText(graph(), false)
  expect(lines.filter(({style}) => style === 'red').every(({text}) => text.startsWith('✘ '))).toBe(true)
  expect(lines.filter(({text}) => text.startsWith('✘ ')).every(({style}) => style === 'red')).toBe(true)
})

test.each([false, true])('boxes fit 80 columns, and no value forges a line (ASCII: %s)', useAscii => {
  for (const text of ['x'.repeat(300), 'a\n✘ forged', '\u001b[2J', 'wörd '.repeat(50)]) {
    const lines = formatText(hostileGraph(text), useAscii).map(line => line.text)
    const boxes = lines.filter(line => /^[┌│└+|]/.test(line))
    for (const line of boxes) expect([...line].length, line).toBe(80)
    expect(lines.join('')).not.toMatch(/\p{Cc}/u)
  }
})
