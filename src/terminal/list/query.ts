import {JSONPath} from 'jsonpath-plus'
import {usageError} from '../../errors.ts'
import type {ListQuery} from './list-format.ts'

/** A part of a template of `-o jsonpath`, as in kubectl. */
type Part = {text: string} | {path: string} | {range: string; parts: Part[]}

/**
 * Parses `-o jsonpath=TEMPLATE`: text with paths in braces, quoted texts, and `{range PATH}…{end}`.
 *
 * @throws MeshError (exit 2) for a template that is not valid
 */
export function parseTemplate(template: string): Extract<ListQuery, {kind: 'jsonpath'}> {
  const parts = readParts(template)
  return {kind: 'jsonpath', print: document => printParts(parts, document)}
}

/**
 * Parses `-o custom-columns=HEAD:PATH,…`. Paths have the form `.a.b`, with or without braces.
 *
 * @throws MeshError (exit 2) for columns that are not valid
 */
export function parseColumns(text: string): Extract<ListQuery, {kind: 'custom-columns'}> {
  const columns = text.split(',').map(column => {
    const colon = column.indexOf(':')
    if (colon < 1 || colon === column.length - 1)
      throw usageError(`custom-columns: ${column} is not HEAD:PATH`, 'for example: -o custom-columns=NAME:.name')
    const path = parsePath(column.slice(colon + 1))
    return {head: column.slice(0, colon), cell: (item: object) => evaluate(path, item).map(textOf).join(',') || '-'}
  })
  return {kind: 'custom-columns', columns}
}

/**
 * Parses `--sort-by PATH`.
 *
 * @throws MeshError (exit 2) for a path that is not valid
 */
export function parseSortBy(text: string): (item: object) => unknown {
  const path = parsePath(text)
  return item => evaluate(path, item)[0]
}

/** Splits a template at braces that are not in quotes. */
function readParts(template: string): Part[] {
  const stack: {range: string; parts: Part[]}[] = [{range: '', parts: []}]
  for (const [, text, expression] of template.matchAll(/([^{}]+)|\{((?:"(?:\\.|[^"\\])*"|'[^']*'|[^{}])*)\}|[{}]/g)) {
    const {parts} = stack.at(-1)!
    if (text !== undefined) parts.push({text})
    else if (expression === undefined) throw usageError(`jsonpath: braces do not match in ${template}`)
    else readExpression(expression.trim(), parts, stack)
  }
  if (stack.length > 1) throw usageError('jsonpath: {range …} without {end}')
  return stack[0]!.parts
}

function readExpression(expression: string, parts: Part[], stack: {range: string; parts: Part[]}[]): void {
  if (expression.startsWith('range ')) {
    const range = {range: parsePath(expression.slice('range '.length)), parts: []}
    parts.push(range)
    stack.push(range)
  } else if (expression === 'end') {
    if (stack.length === 1) throw usageError('jsonpath: {end} without {range …}')
    stack.pop()
  } else if (/^["']/.test(expression)) parts.push({text: unquoted(expression)})
  else parts.push({path: parsePath(expression)})
}

function unquoted(text: string): string {
  const inner = text.slice(1, -1)
  return text.startsWith("'") ? inner : inner.replace(/\\(.)/g, (_, char: string) => escapes[char] ?? char)
}

const escapes: Readonly<Record<string, string>> = {n: '\n', t: '\t'}

function printParts(parts: readonly Part[], data: unknown): string {
  return parts
    .map(part => {
      if ('text' in part) return part.text
      if ('path' in part) return evaluate(part.path, data).map(textOf).join(' ')
      return evaluate(part.range, data)
        .map(item => printParts(part.parts, item))
        .join('')
    })
    .join('')
}

/** The path for the library. kubectl accepts `.a`, `a`, `$.a` and `@.a`, each with or without braces. */
function parsePath(text: string): string {
  const bare = text
    .trim()
    .replace(/^\{(.*)\}$/s, '$1')
    .trim()
  const path = bare.replace(/^[$@]/, '')
  const full = path === '' || /^[.[]/.test(path) ? `$${path}` : `$.${path}`
  try {
    // An invalid filter is only found on evaluation.
    evaluate(full, {items: [{}]})
    if (bare === '' || /[.[]$/.test(full)) throw new Error('incomplete')
  } catch {
    throw usageError(`${text} is not a path`, 'for example: {.clusters[*].cluster}')
  }
  return full
}

/** Filters are interpreted by the library's own parser, and never run as code. */
function evaluate(path: string, json: unknown): unknown[] {
  return JSONPath({path, json: json as object, wrap: true, eval: 'safe'}) as unknown[]
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}
