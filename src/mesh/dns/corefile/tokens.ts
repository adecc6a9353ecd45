import {type MeshError, refusedError} from '../../../errors.ts'
import {checkLength} from '../names.ts'

/** A word of a Corefile with its position. */
export interface Token {
  text: string
  /** Offset of the first character. */
  at: number
  /** Offset after the last character, including the closing quote. */
  end: number
  line: number
  /** Line in which the word ends. A quoted word can contain line breaks. */
  lastLine: number
}

/** The error for a text that CoreDNS rejects (exit 3). */
export function corefileError(token: Token, what: string): MeshError {
  return refusedError(
    `CoreDNS rejects the Corefile: line ${token.line}: ${what}`,
    'correct it first; nothing was changed',
  )
}

/**
 * Splits a Corefile into words as CoreDNS does (github.com/coredns/caddy, caddyfile/lexer.go): at white space, without
 * comments. A word that begins with a quote ends at the next quote.
 *
 * @throws MeshError (exit 3) if a quote is not closed, or if the text does not fit into a ConfigMap
 */
export function tokenize(text: string): Token[] {
  checkLength(text, 'the Corefile')
  const tokens: Token[] = []
  let line = 1
  let at = text.startsWith('\uFEFF') ? 1 : 0
  while (at < text.length) {
    const char = text[at]!
    if (isSpace(char)) {
      if (char === '\n') line++
      at++
    } else if (char === '#') {
      at = endOfLine(text, at)
    } else {
      const token = char === '"' ? quotedWord(text, at, line) : plainWord(text, at, line)
      tokens.push(token)
      line = token.lastLine
      at = token.end
    }
  }
  return tokens
}

/** Whether a word is the first of its line. */
export function startsLine(tokens: readonly Token[], at: number): boolean {
  return at === 0 || tokens[at - 1]!.lastLine < tokens[at]!.line
}

function plainWord(text: string, from: number, line: number): Token {
  let at = from
  while (at < text.length && text[at] !== '#' && !endsWord(text[at]!)) at++
  const word = text.slice(from, at).replaceAll('\r', '')
  // The rest of the word after a # is a comment, but the rest of the line is not.
  while (at < text.length && !endsWord(text[at]!)) at++
  return {text: word, at: from, end: at, line, lastLine: line}
}

/** Reads a quoted word. A backslash before a quote escapes it; other backslashes are kept. */
function quotedWord(text: string, from: number, line: number): Token {
  let value = ''
  let lines = 0
  let at = from + 1
  for (; at < text.length && text[at] !== '"'; at++) {
    if (text[at] === '\\' && at + 1 < text.length) {
      at++
      if (text[at] !== '"') value += '\\'
    }
    if (text[at] === '\n') lines++
    value += text[at]
  }
  const token = {text: value, at: from, end: at + 1, line, lastLine: line + lines}
  if (token.end > text.length) throw corefileError(token, 'a quote is not closed')
  return token
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** A carriage return does not end a word; it is removed from it. */
function endsWord(char: string): boolean {
  return char !== '\r' && isSpace(char)
}

/** White space as in Go's unicode.IsSpace. Unlike in JavaScript, a byte order mark is not white space. */
function isSpace(char: string): boolean {
  return char !== '\uFEFF' && (/\s/.test(char) || char === '\u0085')
}
