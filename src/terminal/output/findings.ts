import type {Problem} from '../../errors.ts'

/** Warnings as lines for stderr, each with its hints. Empty for none. */
export function formatWarnings(problems: readonly Problem[]): string {
  return problems
    .flatMap(({message, hints = []}) => [`warning: ${message}`, ...hints.map(hint => `hint:  ${hint}`)])
    .map(line => `${line}\n`)
    .join('')
}
