import {refusedError} from '../../../errors.ts'
import {corefileError, startsLine, type Token} from './tokens.ts'

/** Deepest nesting of blocks. Plugins of CoreDNS use two levels. */
const maxDepth = 100

/**
 * Checks the directives of a server block in braces.
 *
 * @param first index after the opening brace
 * @returns index of the closing brace
 * @throws MeshError (exit 3) for a brace that is missing or has no counterpart
 */
export function endOfServer(tokens: readonly Token[], first: number): number {
  for (let at = first; at < tokens.length; at = endOfDirective(tokens, at)) if (tokens[at]!.text === '}') return at
  throw missingBrace(tokens)
}

/**
 * Checks the directives of a server without braces, which extends to the end of the file.
 *
 * @throws MeshError (exit 3) for a brace that is missing or has no counterpart
 */
export function checkUnbraced(tokens: readonly Token[], first: number): void {
  for (let at = first; at < tokens.length; at = endOfDirective(tokens, at))
    if (tokens[at]!.text === '}') throw extraBrace(tokens[at]!)
}

/**
 * Finds the closing brace of a snippet. CoreDNS only counts the braces of a snippet.
 *
 * @param open index of the opening brace
 * @throws MeshError (exit 3) if there is none
 */
export function endOfSnippet(tokens: readonly Token[], open: number): number {
  let depth = 0
  for (let at = open; at < tokens.length; at++) {
    if (tokens[at]!.text === '{') depth = deeper(depth, tokens[at]!)
    if (tokens[at]!.text === '}' && --depth === 0) return at
  }
  throw missingBrace(tokens)
}

/** Index after a directive, which includes its block and ends before the next word that starts a line. */
function endOfDirective(tokens: readonly Token[], first: number): number {
  let depth = 0
  let at = first + 1
  for (; at < tokens.length; at++) {
    const {text} = tokens[at]!
    if (text === '{') depth = deeper(depth, tokens[at]!)
    else if (startsLine(tokens, at) && depth === 0) break
    else if (text === '}' && depth > 0) depth--
    else if (text === '}') throw extraBrace(tokens[at]!)
  }
  if (depth > 0) throw missingBrace(tokens)
  return at
}

function deeper(depth: number, token: Token): number {
  if (depth < maxDepth) return depth + 1
  throw refusedError(
    `line ${token.line} of the Corefile: blocks are nested more than ${maxDepth} levels deep`,
    'correct it first; nothing was changed',
  )
}

function extraBrace(token: Token) {
  return corefileError(token, 'a closing brace has no opening brace')
}

function missingBrace(tokens: readonly Token[]) {
  return corefileError(tokens.at(-1)!, 'a closing brace is missing')
}
