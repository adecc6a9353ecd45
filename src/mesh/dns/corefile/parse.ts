import {checkUnbraced, endOfServer, endOfSnippet} from './directives.ts'
import {corefileError, startsLine, type Token, tokenize} from './tokens.ts'

/** A block at the top level of a Corefile. */
export interface CorefileBlock {
  /** `import` is a line that includes other files. */
  kind: 'server' | 'snippet' | 'import'
  /** Addresses of a server (`global:53`), the name of a snippet in parentheses, or the imported files. */
  keys: string[]
  /** Offset of the first key. */
  at: number
  /** Offset after the closing brace, or after the last word. */
  end: number
  /** False for a server without braces, which extends to the end of the file. */
  braces: boolean
}

/**
 * Parses a Corefile as CoreDNS does (github.com/coredns/caddy, caddyfile/parse.go). Blocks carry their offsets, so that
 * one can be inserted, replaced or removed while the rest of the text remains byte for byte.
 *
 * @throws MeshError (exit 3) for a text that CoreDNS rejects
 */
export function readCorefile(text: string): CorefileBlock[] {
  const tokens = tokenize(text)
  const blocks: CorefileBlock[] = []
  for (let at = 0; at < tokens.length; ) {
    const {block, next} = readBlock(tokens, at)
    blocks.push(block)
    at = next
  }
  return blocks
}

/**
 * Whether CoreDNS reloads a changed Corefile by itself: a server uses the plugin `reload`.
 *
 * @throws MeshError (exit 3) if a quote is not closed
 */
export function hasReload(text: string): boolean {
  return tokenize(text).some(
    ({text: word}, at, all) => word === 'reload' && (startsLine(all, at) || all[at - 1]!.text === '{'),
  )
}

interface ReadBlock {
  block: CorefileBlock
  /** Index of the word after the block. */
  next: number
}

function readBlock(tokens: readonly Token[], first: number): ReadBlock {
  const start = tokens[first]!
  if (start.text === 'import' && startsLine(tokens, first)) return readImport(tokens, first)
  const {keys, next} = readKeys(tokens, first)
  const kind = keys.length === 1 && /^\(.*\)$/.test(keys[0]!) ? 'snippet' : 'server'
  if (tokens[next]?.text !== '{') {
    if (kind === 'snippet') throw corefileError(start, `the snippet ${keys[0]} has no braces`)
    checkUnbraced(tokens, next)
    return {block: {kind, keys, at: start.at, end: tokens.at(-1)!.end, braces: false}, next: tokens.length}
  }
  const close = kind === 'snippet' ? endOfSnippet(tokens, next) : endOfServer(tokens, next + 1)
  return {block: {kind, keys, at: start.at, end: tokens[close]!.end, braces: true}, next: close + 1}
}

/** Reads the addresses before a block. A comma at the end of an address continues the list in the next line. */
function readKeys(tokens: readonly Token[], first: number): {keys: string[]; next: number} {
  const keys: string[] = []
  let continues = false
  let at = first
  for (; at < tokens.length; at++) {
    const {text} = tokens[at]!
    if (text === '{' || (at > first && !continues && startsLine(tokens, at))) break
    continues = text.endsWith(',')
    if (text !== '') keys.push(continues ? text.slice(0, -1) : text)
  }
  if (continues) throw corefileError(tokens[at] ?? tokens[at - 1]!, 'an address is missing after the comma')
  return {keys, next: at}
}

function readImport(tokens: readonly Token[], first: number): ReadBlock {
  let next = first + 1
  while (next < tokens.length && !startsLine(tokens, next)) next++
  const keys = tokens.slice(first + 1, next).map(({text}) => text)
  if (keys.length === 0) throw corefileError(tokens[first]!, 'import has no argument')
  return {block: {kind: 'import', keys, at: tokens[first]!.at, end: tokens[next - 1]!.end, braces: false}, next}
}
