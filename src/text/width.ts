/** Characters that a terminal shows in two columns: East Asian scripts, full-width forms, and emoji (Unicode, UAX #11). */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u
/** Characters that are shown over the one before them. */
const joined = /\p{Mark}/u

/** A text of which each character has one column. */
const narrow = /^[\x20-\x7e]*$/

/** The number of columns that a text without line breaks occupies on a terminal. */
export function widthOf(text: string): number {
  if (narrow.test(text)) return text.length
  let width = 0
  for (const character of text) width += joined.test(character) ? 0 : wide.test(character) ? 2 : 1
  return width
}

/** A text with spaces after it, so that it occupies a number of columns. */
export function padTo(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - widthOf(text)))
}

/** Breaks a text between words into lines of a maximum width. A word that is wider than a line has a line for itself. */
export function wrapWords(text: string, columns: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && widthOf(last) + 1 + widthOf(word) <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}

/**
 * Breaks a text between words into lines of a maximum width. A word that is wider than a line is broken too, and begins after the
 * word before it unless it would then need a further line.
 */
export function wrapHard(text: string, columns: number): string[] {
  const lines = ['']
  for (const word of text.trim().split(' ')) {
    const [used, width] = [widthOf(lines.at(-1)!), widthOf(word)]
    const begin = used === 0 ? 0 : used + 1
    const isBroken = width > columns && Math.ceil((begin + width) / columns) <= Math.ceil(width / columns)
    if (begin > 0 && begin + width > columns && !isBroken) lines.push('')
    else if (begin > 0) lines[lines.length - 1] += ' '
    if (width <= columns) lines[lines.length - 1] += word
    else lines.push(...fill(lines.pop()!, word, columns))
  }
  return lines
}

/** The lines that result from adding a word to a line, broken at any character. */
function fill(line: string, word: string, columns: number): string[] {
  const lines = [line]
  for (const character of word)
    if (widthOf(lines.at(-1)!) + widthOf(character) <= columns) lines[lines.length - 1] += character
    else lines.push(character)
  return lines
}
