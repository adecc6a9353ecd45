import {type MeshError, usageError} from '../errors.ts'
import {closest} from './suggest.ts'

/**
 * The error for command words that name no command (exit 2). Walks as far as the words are known and suggests what
 * comes nearest to the first one that is not.
 *
 * @param words as typed; words behind the first unknown one are taken for arguments
 * @param ids of all commands that are shown, words joined by `:`
 */
export function unknownCommand(words: string[], ids: string[]): MeshError {
  let known: string[] = []
  while (known.length < words.length && childrenOf(known, ids).includes(words[known.length]!))
    known = words.slice(0, known.length + 1)
  const typed = words.slice(0, known.length + 1)
  const near = closest(typed.at(-1)!, childrenOf(known, ids))
  return usageError(
    `unknown command "${typed.join(' ')}"`,
    ...(near ? [`did you mean: ${['kubectl mesh', ...known, near].join(' ')}`] : []),
    ['kubectl mesh', ...known, '--help'].join(' '),
  )
}

/** The words that may follow. */
export function childrenOf(words: string[], ids: string[]): string[] {
  const children = ids
    .map(id => id.split(':'))
    .filter(id => id.length > words.length && words.every((word, at) => id[at] === word))
  return [...new Set(children.map(id => id[words.length]!))]
}
