import {expect, test} from 'vitest'
import {headingOf} from '../../../src/terminal/output/diff-heading.ts'

const before = [
  'metadata:',
  '  labels:',
  '    a: b',
  'spec:',
  '  rules:',
  '  - from:',
  '    - source: x',
  "  'on: off': y",
  '',
]
const after = before.map(line => line.replace('source: x', 'source: z'))

const heading = (start: number, ...lines: string[]) =>
  headingOf({oldStart: start, oldLines: 0, newStart: start, newLines: 0, lines}, {before, after})

test.each([
  ['a label', heading(3, '-    a: b'), 'metadata.labels'],
  ['an item of a nested list', heading(7, '-    - source: x', '+    - source: z'), 'spec.rules.from'],
  ['an added line, after context', heading(6, '   - from:', '+    - source: z'), 'spec.rules.from'],
  ['a top-level key', heading(4, '-spec:'), ''],
  ['a quoted key', heading(8, "-  'on: off': y"), 'spec'],
])('%s', (_, found, path) => expect(found).toBe(path))
