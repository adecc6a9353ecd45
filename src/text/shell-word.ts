import {escapeLine} from './escape-terminal.ts'

/** Words that no shell changes. A leading `=` or `~` would be expanded. */
const plainWord = /^[A-Za-z0-9_@%+:,./-][A-Za-z0-9_@%+=:,./-]*$/

/**
 * Quotes one word for a script, which any POSIX shell reads as the same text. Control characters stay as they are, so the
 * result is not for people: see `shellWord`.
 */
export function scriptWord(word: string): string {
  return plainWord.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/**
 * Quotes one word for a shell where it needs quotes. Each value in a command that is shown to the user passes through here.
 *
 * Threat: users paste hints. A name, label or mesh config of a cluster could otherwise end the word and add a command. A
 * control character could act on the terminal when the hint is printed, or when it is pasted: such words get the form
 * `$'…'` (POSIX.1-2024, XCU 2.2.4), in which these characters are octal escapes of their UTF-8 bytes. Quotes are
 * escapes too: a shell without this form (dash) reads another text, but no other command.
 */
export function shellWord(word: string): string {
  if (escapeLine(word) === word) return scriptWord(word)
  return `$'${[...word].map(ansiCharacter).join('')}'`
}

function ansiCharacter(character: string): string {
  if (character !== "'" && character !== '\\' && escapeLine(character) === character) return character
  return [...Buffer.from(character)].map(byte => `\\${byte.toString(8).padStart(3, '0')}`).join('')
}
