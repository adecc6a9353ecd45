import {isDeepStrictEqual} from 'node:util'
import {exitCodes} from '../../src/errors.ts'
import {failureOf, failureText} from '../../src/terminal/failure.ts'

/** Characters that a terminal could act on, or that hide or reorder text. Written here again, so that no test tests itself. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: the pattern finds control characters
const unsafe = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Cs}/u

/** A fault that an oracle found. */
export class Fault extends Error {}

/** Ends the check with a fault unless the condition holds. */
export function must(condition: boolean, message: string, ...shown: unknown[]): asserts condition {
  if (!condition) throw new Fault([message, ...shown.map(one => JSON.stringify(one, undefined, 1))].join('\n'))
}

/** Ends the check with a fault if a text for the terminal has a character that it could act on. */
export function mustBePrintable(text: string): void {
  must(!unsafe.test(text), 'a text for the terminal has a control character', text)
}

/**
 * Runs a part of the program. An error that the user can solve is a result: exit 2 or 3, printed as one line for each
 * problem and hint, without a character that a terminal could act on.
 *
 * @returns undefined after such an error
 * @throws any other error, which is a fault
 */
export async function accepted<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof Fault) throw error
    mustBeForUser(error)
    return undefined
  }
}

function mustBeForUser(error: unknown): void {
  const failure = failureOf(error, 'fuzz')
  const {problems, exit} = failure
  if (problems.some(({message}) => message.startsWith('unexpected: '))) throw error
  must(exit === exitCodes.usage || exit === exitCodes.refused, `exit code ${exit}`, problems)
  must(
    problems.every(({message}) => message.trim() !== ''),
    'an error without a message',
    problems,
  )
  const text = failureText(failure, 0)
  mustBePrintable(text)
  const lines = text.split('\n')
  const count = (label: string) => lines.filter(line => line.startsWith(label)).length
  must(count('error: ') === problems.length, 'a message forges an error', text)
  // Neighbours with the same hints share them.
  const hints = problems
    .filter((problem, at) => !isDeepStrictEqual(problem.hints, problems[at + 1]?.hints))
    .flatMap(({hints: own = []}) => own)
  must(count('hint:  ') === hints.length, 'a message forges a hint', text)
}
