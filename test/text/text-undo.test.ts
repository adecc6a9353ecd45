import fc from 'fast-check'
import {expect, test} from 'vitest'
import {applyUndo, readTextUndo, undoFor} from '../../src/text/text-undo.ts'

const text = fc
  .array(fc.constantFrom('a: 1', '# b', 'c: []', '', ' '), {maxLength: 8})
  .chain(lines =>
    fc.tuple(fc.constantFrom('\n', '\r\n'), fc.constantFrom('', '\n')).map(([end, last]) => lines.join(end) + last),
  )

test('an undo restores the text byte for byte, if the text contains the lines once', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const undo = undoFor(before, after)
      if (undo === undefined) expect(before).toBe(after)
      else expect([before, undefined]).toContain(applyUndo(after, readTextUndo(JSON.stringify(undo))!))
    }),
  )
})

test('lines that others have changed elsewhere stay', () => {
  const before = 'a: 1\nlist: [] # none\nb: 2\nc: 3\n'
  const undo = undoFor(before, before.replace('[]', '[x]'))!
  expect(undo).toEqual({added: 'a: 1\nlist: [x] # none\nb: 2\n', removed: 'a: 1\nlist: [] # none\nb: 2\n'})
  expect(applyUndo('# new\na: 1\nlist: [x] # none\nb: 2\nc: 4\n', undo)).toBe(
    '# new\na: 1\nlist: [] # none\nb: 2\nc: 4\n',
  )
})

test.each(['a: 1\nlist: [x, y]\nb: 2\n', 'a: 1\nlist: [x]\nb: 2\na: 1\nlist: [x]\nb: 2\n', ''])(
  'is undefined where the lines are missing or occur twice: %j',
  changed => {
    expect(applyUndo(changed, undoFor('a: 1\nlist: []\nb: 2\n', 'a: 1\nlist: [x]\nb: 2\n')!)).toBeUndefined()
  },
)

test.each(['x', '{}', '{"added":1,"removed":""}', undefined, null])('readTextUndo rejects %j', value => {
  expect(readTextUndo(value)).toBeUndefined()
})
