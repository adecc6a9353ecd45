import fc from 'fast-check'
import {oddText} from '../support/odd.ts'

/** Escape sequences and characters that hide or reorder text. */
const hostile = fc.constantFrom(
  '\u001b[31m',
  '\u001b]52;c;eA==\u0007',
  '\u009b2J',
  '\r',
  '\n✔ all',
  '\u202e',
  '\u2028',
  '\u0007',
  '\ud800',
  '\u{e0041}',
)
/** Odd texts, and texts with escape sequences. */
export const hostileText = fc.oneof(
  {weight: 3, arbitrary: oddText},
  fc.array(fc.oneof(oddText, hostile), {maxLength: 4}).map(parts => parts.join('')),
)
