/** A member of a JSON object with its position in the text. */
export interface JsonMember {
  key: string
  /** Offset of the quote before the key. */
  at: number
  /** Offset of the value. */
  valueAt: number
  /** Offset after the value. */
  end: number
}

/** The members of a JSON object at the top level of a text. */
export interface JsonMembers {
  /** Offset after the opening brace. */
  inside: number
  members: JsonMember[]
}

/**
 * Returns the members of a JSON object with their offsets, so that one can be inserted, replaced or removed while the rest
 * of the text remains byte for byte.
 *
 * @param text JSON of an object, as `JSON.parse` accepts it
 */
export function jsonMembers(text: string): JsonMembers {
  const inside = text.indexOf('{') + 1
  const members: JsonMember[] = []
  for (let at = skipSpace(text, inside); text[at] !== '}'; ) {
    const keyEnd = endOfString(text, at)
    const valueAt = skipSpace(text, text.indexOf(':', keyEnd) + 1)
    const end = endOfValue(text, valueAt)
    members.push({key: JSON.parse(text.slice(at, keyEnd)) as string, at, valueAt, end})
    at = skipSpace(text, end)
    if (text[at] === ',') at = skipSpace(text, at + 1)
  }
  return {inside, members}
}

function skipSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text[at]!)) at++
  return at
}

/** Offset after a string that begins with its quote. */
function endOfString(text: string, from: number): number {
  let at = from + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

/** Offset after a value. Counts brackets without recursion: the nesting has no limit. */
function endOfValue(text: string, from: number): number {
  let depth = 0
  let at = from
  while (at < text.length) {
    const char = text[at]!
    if (depth === 0 && at > from && ',}] \t\n\r'.includes(char)) return at
    if ('{['.includes(char)) depth++
    if ('}]'.includes(char)) depth--
    at = char === '"' ? endOfString(text, at) : at + 1
    if (depth === 0 && '"}]'.includes(char)) return at
  }
  return at
}
