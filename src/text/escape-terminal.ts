/** Control characters (C0, DEL, C1), line separators, and the characters that change the direction of text. */
const unsafe = /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu

/**
 * Returns a text in which each character that a terminal could act on is shown as its escape, such as `\u001b`. Line breaks
 * and tabs remain.
 *
 * Threat: text of another program, a server or a cluster could otherwise move the cursor, change the clipboard or the
 * title (OSC), hide or forge lines, or reverse the direction of the text that follows.
 */
export function escapeForTerminal(text: string): string {
  return text.replaceAll('\r\n', '\n').replace(unsafe, character => {
    if (character === '\n' || character === '\t') return character
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
