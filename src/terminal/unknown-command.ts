import {type MeshError, usageError} from '../errors.ts'
import {closest} from '../text/suggest.ts'

/** Verbs of other tools and topics, and ours. */
const otherWords: ReadonlyMap<string, readonly string[]> = new Map([
  ['ls', ['list', 'status']],
  ['list', ['list', 'status']],
  ['get', ['list', 'status']],
  ['rm', ['remove']],
  ['delete', ['remove']],
  ['uninstall', ['remove']],
])

/**
 * The error (exit 2) for words that are not a command. It suggests the most similar word for the first unknown one.
 *
 * @param words as typed; words after the first unknown one may be arguments
 * @param ids of the commands that are not hidden, words joined by `:`
 */
export function unknownCommand(words: string[], ids: string[]): MeshError {
  let known: string[] = []
  while (known.length < words.length && childrenOf(known, ids).includes(words[known.length]!))
    known = words.slice(0, known.length + 1)
  const typed = words.slice(0, known.length + 1)
  const children = childrenOf(known, ids)
  const near = otherWords.get(typed.at(-1)!)?.find(word => children.includes(word)) ?? closest(typed.at(-1)!, children)
  return usageError(
    `unknown command "${typed.join(' ')}"`,
    ...(near ? [`did you mean: ${['kubectl mesh', ...known, near].join(' ')}`] : []),
    ['kubectl mesh', ...known, '--help'].join(' '),
  )
}

/** The words that may follow these words in a command, without duplicates. */
export function childrenOf(words: string[], ids: string[]): string[] {
  const children = ids
    .map(id => id.split(':'))
    .filter(id => id.length > words.length && words.every((word, at) => id[at] === word))
  return [...new Set(children.map(id => id[words.length]!))]
}
