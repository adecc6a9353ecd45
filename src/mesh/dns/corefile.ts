import {isIPv6} from 'node:net'
import {refusedError} from '../../errors.ts'

/**
 * Reads a Corefile as CoreDNS does (github.com/coredns/caddy, caddyfile/lexer.go and parse.go), keeping where each block
 * stands, so that one block can be put in, replaced or taken out and all else stays byte for byte.
 */

/** A word with its place: `at` is where it begins, `end` the offset behind it (behind the quote of a quoted one). */
interface Token {
  text: string
  at: number
  end: number
  line: number
  /** Line in which the word ends; another than `line` for a quoted one with line breaks. */
  lastLine: number
}

/** What stands at the top level of a Corefile. */
export interface CorefileBlock {
  /** `import` for a line that reads other files. */
  kind: 'server' | 'snippet' | 'import'
  /** Addresses of a server (`global:53`), the name of a snippet in its parentheses, or what is imported. */
  keys: string[]
  /** Offset of the first key. */
  at: number
  /** Offset behind the closing brace, or behind the last word. */
  end: number
  /** A server without braces takes the rest of the file: nothing can stand behind it. */
  braces: boolean
}

/** First line of a block that is ours. */
export const corefileMark = '# written by kubectl mesh: what is changed here is lost on its next run'

/** Zone of the names, with the port of CoreDNS. */
const zone = 'global'

/**
 * Puts our server block for `.global` in, in the place of the one that is there, else at the end.
 *
 * @param names IP addresses by host name: what the block answers; all other names of the zone do not exist
 * @returns the same text when the block says that already
 * Throws MeshError (exit 3) for a text that CoreDNS would not take, or in which a block of others answers for the zone.
 */
export function putGlobalBlock(text: string, names: ReadonlyMap<string, readonly string[]>): string {
  const block = globalBlock(names)
  const ours = findOurs(text)
  if (ours) return text.slice(0, ours.at) + block + text.slice(ours.end)
  if (readCorefile(text).some(({kind, braces}) => kind === 'server' && !braces))
    throw refusedError(
      'the Corefile is one server without braces, and none can stand beside it',
      'put it into braces first',
    )
  // without a line end before it none comes behind it: what is put in can then be taken out without a trace
  const ended = text === '' || text.endsWith('\n')
  return ended ? `${text}${block}\n` : `${text}\n${block}`
}

/** Takes our block out again; the same text when it is not there. Throws as `putGlobalBlock`. */
export function removeGlobalBlock(text: string): string {
  const ours = findOurs(text)
  if (!ours) return text
  const {at, end} = ours
  if (text[end] === '\n') return text.slice(0, at) + text.slice(end + 1)
  return text.slice(0, at).replace(/\n$/, '') + text.slice(end)
}

/** Whether CoreDNS takes a changed Corefile by itself: some server has the plugin `reload`. Throws as `putGlobalBlock`. */
export function hasReload(text: string): boolean {
  return tokensOf(text).some(({text: word}, at, all) => word === 'reload' && isFirst(all, at))
}

/** All blocks of a Corefile, in their order. Throws MeshError (exit 3) for a text that CoreDNS would not take. */
export function readCorefile(text: string): CorefileBlock[] {
  const tokens = tokensOf(text)
  const blocks: CorefileBlock[] = []
  for (let at = 0; at < tokens.length; ) {
    const {block, next} = readBlock(tokens, at)
    blocks.push(block)
    at = next
  }
  return blocks
}

function globalBlock(names: ReadonlyMap<string, readonly string[]>): string {
  const sorted = [...names].sort(([a], [b]) => (a < b ? -1 : 1))
  const answers = sorted.flatMap(([name, addresses]) =>
    addresses.flatMap(address => {
      const type = isIPv6(address) ? 'AAAA' : 'A'
      return template(`IN ${type}`, [
        `match ${patternOf([name])}`,
        `answer "{{ .Name }} 30 IN ${type} ${address}"`,
        'fallthrough',
      ])
    }),
  )
  // NXDOMAIN for the type that a name does not have would make the name unknown to some resolvers
  const known = template('ANY ANY', [
    `match ${patternOf(sorted.map(([name]) => name))}`,
    'rcode NOERROR',
    'fallthrough',
  ])
  return [
    `${zone}:53 {`,
    `    ${corefileMark}`,
    '    errors',
    ...answers,
    ...(sorted.length > 0 ? known : []),
    ...template('ANY ANY', ['rcode NXDOMAIN']),
    '}',
  ].join('\n')
}

/** CoreDNS's plugin `template`, not `hosts`: the latter answers SERVFAIL for a name that it lacks. They are asked in their order. */
function template(what: string, lines: readonly string[]): string[] {
  return [`    template ${what} ${zone} {`, ...lines.map(line => `        ${line}`), '    }']
}

function patternOf(names: readonly string[]): string {
  return `^(${names.map(name => name.replaceAll('.', '[.]')).join('|')})[.]$`
}

function findOurs(text: string): CorefileBlock | undefined {
  const serving = readCorefile(text).filter(({kind, keys}) => kind === 'server' && keys.some(isOurZone))
  const ours = serving.filter(({at, end}) => text.slice(at, end).includes(corefileMark))
  const others = serving.filter(block => !ours.includes(block))
  if (others.length > 0)
    throw refusedError(
      `the Corefile has a block of others for ${zone} already: ${others[0]!.keys.join(' ')}`,
      'take it out first, or leave --dns as it is by default',
    )
  if (ours.length > 1) throw refusedError(`the Corefile has ${ours.length} blocks for ${zone}`, 'take all but one out')
  return ours[0]
}

/** Whether an address of a server means the zone on DNS's port: `global`, `global.:53`, `dns://global`. */
function isOurZone(key: string): boolean {
  return /^(dns:\/\/)?global\.?(:53)?$/i.test(key)
}

function readBlock(tokens: readonly Token[], first: number): {block: CorefileBlock; next: number} {
  const start = tokens[first]!
  if (start.text === 'import' && startsLine(tokens, first)) return readImport(tokens, first)
  const keys: string[] = []
  let more = false
  let at = first
  for (; at < tokens.length; at++) {
    const {text} = tokens[at]!
    if (text === '{') break
    if (at > first && !more && startsLine(tokens, at)) break
    more = text.endsWith(',')
    if (text !== '') keys.push(more ? text.slice(0, -1) : text)
  }
  if (more) throw wrong(tokens[at] ?? tokens[at - 1]!, 'an address is missing behind the comma')
  const kind = keys.length === 1 && /^\(.*\)$/.test(keys[0]!) ? 'snippet' : 'server'
  if (tokens[at]?.text !== '{') {
    if (kind === 'snippet') throw wrong(start, `the snippet ${keys[0]} has no braces`)
    checkDirectives(tokens, at, false)
    return {block: {kind, keys, at: start.at, end: tokens.at(-1)!.end, braces: false}, next: tokens.length}
  }
  const close = kind === 'snippet' ? closeOf(tokens, at) : checkDirectives(tokens, at + 1, true)
  return {block: {kind, keys, at: start.at, end: tokens[close]!.end, braces: true}, next: close + 1}
}

function readImport(tokens: readonly Token[], first: number): {block: CorefileBlock; next: number} {
  let at = first + 1
  while (at < tokens.length && !startsLine(tokens, at)) at++
  const words = tokens.slice(first + 1, at)
  if (words.length === 0) throw wrong(tokens[first]!, 'import names no file')
  const end = tokens[at - 1]!.end
  const keys = words.map(({text}) => text)
  return {block: {kind: 'import', keys, at: tokens[first]!.at, end, braces: false}, next: at}
}

/** Reads the lines of a server up to its closing brace, and gives where that is; without braces up to the end. */
function checkDirectives(tokens: readonly Token[], first: number, braces: boolean): number {
  let at = first
  while (at < tokens.length) {
    if (tokens[at]!.text === '}') {
      if (!braces) throw wrong(tokens[at]!, 'a closing brace has no opening one')
      return at
    }
    let depth = 0
    for (at++; at < tokens.length; at++) {
      const {text} = tokens[at]!
      if (text === '{') depth++
      else if (startsLine(tokens, at) && depth === 0) break
      else if (text === '}' && depth > 0) depth--
      else if (text === '}') throw wrong(tokens[at]!, 'a closing brace has no opening one')
    }
    if (depth > 0) throw wrong(tokens.at(-1)!, 'a closing brace is missing')
  }
  if (braces) throw wrong(tokens.at(-1)!, 'a closing brace is missing')
  return at - 1
}

/** The closing brace of a snippet, whose words are only counted. */
function closeOf(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '{') depth++
    if (tokens[at]!.text === '}' && --depth === 0) return at
  }
  throw wrong(tokens.at(-1)!, 'a closing brace is missing')
}

function startsLine(tokens: readonly Token[], at: number): boolean {
  return at === 0 || tokens[at - 1]!.lastLine < tokens[at]!.line
}

/** The first word of a line or of a block. */
function isFirst(tokens: readonly Token[], at: number): boolean {
  return startsLine(tokens, at) || tokens[at - 1]!.text === '{'
}

function wrong(token: Token, what: string) {
  return refusedError(
    `the Corefile is not one that CoreDNS takes: line ${token.line}: ${what}`,
    'put it right first; nothing was written',
  )
}

/** Words: split at white space, `#` to the end of its line is a comment, a word may begin with a quote. */
function tokensOf(text: string): Token[] {
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
    } else if (char === '"') {
      const token = quotedToken(text, at, line)
      if (token.end > text.length) throw wrong(token, 'a quote is not closed')
      tokens.push(token)
      line = token.lastLine
      at = token.end
    } else {
      const from = at
      while (at < text.length && text[at] !== '#' && !endsWord(text[at]!)) at++
      const word = text.slice(from, at).replaceAll('\r', '')
      // what follows a # within a word is dropped, but only up to the word's end
      while (at < text.length && !endsWord(text[at]!)) at++
      tokens.push({text: word, at: from, end: at, line, lastLine: line})
    }
  }
  return tokens
}

/** A backslash keeps a quote from ending the word; it may hold line breaks. One that is not closed ends behind the text. */
function quotedToken(text: string, from: number, line: number): Token {
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
  return {text: value, at: from, end: at + 1, line, lastLine: line + lines}
}

function endOfLine(text: string, at: number): number {
  const end = text.indexOf('\n', at)
  return end < 0 ? text.length : end
}

/** A carriage return is dropped from within a word. */
function endsWord(char: string): boolean {
  return char !== '\r' && isSpace(char)
}

/** Go's unicode.IsSpace; a byte order mark is none, other than in JavaScript. */
function isSpace(char: string): boolean {
  return char !== '\uFEFF' && (/\s/.test(char) || char === '\u0085')
}
