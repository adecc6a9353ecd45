import type {RawResponse} from './attempt.ts'

/**
 * Deepest nesting of a JSON body. Objects of Kubernetes have fewer than 100 levels; functions that walk an object
 * recursively end with a stack overflow at several thousand.
 */
export const maxDepth = 500

/** A JSON object, or what a body is instead. */
export type ParsedBody = {value: object} | {problem: string}

/**
 * Parses the body of a response of an API server, which is always a JSON object.
 *
 * Threat: the address in a kubeconfig may belong to a proxy, a login page or a hostile server. The result names the kind
 * of content, but quotes nothing of it.
 */
export function parseBody({body, headers}: Pick<RawResponse, 'body' | 'headers'>): ParsedBody {
  if (body.length === 0) return {problem: 'an empty body instead of a JSON object'}
  if (exceedsDepth(body)) return {problem: `JSON with more than ${maxDepth} levels of nesting`}
  let value: unknown
  try {
    value = JSON.parse(body.toString('utf8'))
  } catch {
    return {problem: `${headers['content-type'] ?? 'unknown content'} instead of JSON`}
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return {value}
  const found = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  return {problem: `${found} instead of a JSON object`}
}

const [quote, backslash] = [0x22, 0x5c]
const [openBracket, closeBracket, openBrace, closeBrace] = [0x5b, 0x5d, 0x7b, 0x7d]

/** UTF-8 bytes of JSON's own characters never occur within another character. */
function exceedsDepth(body: Buffer): boolean {
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) at = endOfString(body, at)
    else if (byte === openBrace || byte === openBracket) depth++
    else if (byte === closeBrace || byte === closeBracket) depth--
    if (depth > maxDepth) return true
  }
  return false
}

/** Returns the position of the quote that ends the string, or the end of the body. */
function endOfString(body: Buffer, start: number): number {
  for (let at = start + 1; ; at++) {
    at = body.indexOf(quote, at)
    if (at < 0) return body.length
    let escapes = 0
    while (body[at - 1 - escapes] === backslash) escapes++
    if (escapes % 2 === 0) return at
  }
}
