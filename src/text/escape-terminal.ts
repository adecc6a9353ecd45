/**
 * Characters that are not printed as they are: control characters (C0, DEL, C1), format characters (bidirectional and
 * zero-width controls, tags, the byte order mark), other invisible characters, line separators, and halves of surrogate
 * pairs.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/**
 * Returns a text in which each character that a terminal could act on, or that hides text, is shown as its JSON escape,
 * such as `\u001b`. Line breaks and tabs remain. Everything that is written to stdout or stderr passes through here.
 *
 * Threat: text of another program, a server or a cluster could otherwise move the cursor, change the clipboard or the
 * title (OSC), hide or forge lines, or reverse the direction of the text that follows.
 *
 * The result of valid JSON is JSON of the same value. `dumpYaml` writes no such characters. So data remains byte-correct.
 */
export function escapeForTerminal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, character => {
    return character === '\n' || character === '\t' ? character : jsonEscape(character)
  })
}

/**
 * Like `escapeForTerminal`, for a value within a line: line breaks and tabs are escaped too.
 *
 * Threat: a value with a line break could otherwise forge a row of a table, a check that passed, or a hint.
 */
export function escapeLine(text: string): string {
  return text.replace(unsafe, jsonEscape)
}

/** A character outside the Basic Multilingual Plane becomes two escapes, because those of JSON have four digits. */
function jsonEscape(character: string): string {
  if (character === '\n') return '\\n'
  if (character === '\t') return '\\t'
  return Array.from({length: character.length}, (_, at) => hexEscape(character.charCodeAt(at))).join('')
}

function hexEscape(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`
}
