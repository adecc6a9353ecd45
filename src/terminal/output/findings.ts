import type {Problem} from '../../errors.ts'

/** Warnings and their hints as lines for `Terminal.message`, which escapes them. Empty without warnings. */
export function formatWarnings(problems: readonly Problem[]): string[] {
  return problems.flatMap(({message, hints = []}) => [`warning: ${message}`, ...hints.map(hint => `hint:  ${hint}`)])
}
