import fc from 'fast-check'
import {parse} from 'yaml'
import type {Json} from '../../src/text/json.ts'

/** Strings that need care in YAML. */
export const words = fc.constantFrom(
  'a',
  'prometheus',
  'true',
  '0755',
  'x: y',
  '#no',
  "it's",
  '10s',
  '*',
  'üñí',
  'k8s.io/x',
  'no',
  '~',
  '-',
  '[x',
  'a, b',
)

/** Values that are not lists or maps. */
export const scalar: fc.Arbitrary<Json> = fc.oneof(
  words,
  fc.boolean(),
  fc.integer({min: -5, max: 70000}),
  fc.constant(null),
)

/** Keys of maps. */
export const key = fc.constantFrom(
  'accessLogFile',
  'b',
  'c.d',
  'defaultConfig',
  'proxyMetadata',
  'e-f',
  'm',
  'rootNamespace',
)

const value = fc.letrec<{any: Json}>(tie => ({
  any: fc.oneof(
    {depthSize: 'small', withCrossShrink: true},
    scalar,
    fc.constantFrom('two\nlines\n', 'two\nlines', 'x\n'),
    fc.array(tie('any'), {maxLength: 3}),
    fc.dictionary(key, tie('any'), {maxKeys: 3, noNullPrototype: true}),
  ),
})).any
const providerNames = fc.uniqueArray(fc.constantFrom('otel', 'my-authz', 'other', 'x'), {maxLength: 3})
const meshConfig = fc
  .tuple(fc.dictionary(key, value, {maxKeys: 6, noNullPrototype: true}), fc.option(providerNames), fc.nat(6), value)
  .map(([rest, names, at, body]) => {
    if (names === null) return rest
    const entries = Object.entries(rest)
    const items = names.map(name => ({name, body}))
    entries.splice(Math.min(at, entries.length), 0, ['extensionProviders', items])
    return Object.fromEntries(entries)
  })

/** Returns a number from 0 to `sides - 1`. */
type Die = (sides: number) => number
type JsonMap = {[key: string]: Json | undefined}

/** Writes YAML in the many styles of people: block and flow, comments, blank lines, quotes. */
class Writer {
  readonly roll: Die

  constructor(roll: Die) {
    this.roll = roll
  }

  document(config: JsonMap): string {
    if (Object.keys(config).length === 0) return this.roll(2) ? '{}\n' : '# empty\n'
    if (this.roll(8) === 0) return `${this.flow(config as Json)}\n`
    let text = this.block(config, 0) + this.comment(0)
    // An example in mesh-config-edit.test.ts tests a block scalar that ends without a line break.
    const endsInBlockScalar = /\|-?\n(?: [^\n]*\n)+$/.test(text)
    if (this.roll(4) === 0 && !endsInBlockScalar) text = text.replace(/\n$/, '')
    return this.roll(6) === 0 ? text.replaceAll('\n', '\r\n') : text
  }

  comment(indent: number): string {
    return this.roll(6) === 0 ? `${' '.repeat(indent)}# note ${this.roll(100)}\n` : ''
  }

  blankLine(): string {
    return this.roll(8) === 0 ? '\n' : ''
  }

  trailingComment(): string {
    return this.roll(5) === 0 ? ` # tail ${this.roll(100)}` : ''
  }

  atom(value: Json): string {
    if (typeof value !== 'string') return value === null && this.roll(2) ? '~' : JSON.stringify(value)
    if (/^[a-z]+$/.test(value) && !['true', 'no'].includes(value) && this.roll(2)) return value
    return this.roll(2) && !value.includes('\n') ? `'${value.replaceAll("'", "''")}'` : JSON.stringify(value)
  }

  flow(value: Json): string {
    const space = this.roll(2) ? ' ' : ''
    if (Array.isArray(value)) return `[${space}${value.map(item => this.flow(item)).join(`,${space}`)}${space}]`
    if (typeof value !== 'object' || value === null) return this.atom(value)
    const entries = Object.entries(value).map(([name, inner]) => `${name}: ${this.flow(inner!)}`)
    return `{${space}${entries.join(`,${space}`)}${space}}`
  }

  block(value: Json[] | JsonMap, indent: number): string {
    const pad = ' '.repeat(indent)
    if (Array.isArray(value))
      return value.map(item => `${this.comment(indent)}${pad}-${this.afterDash(item, indent)}`).join('')
    return Object.entries(value)
      .map(([name, inner], at) => {
        const before = at > 0 || indent === 0 ? this.comment(indent) + this.blankLine() : ''
        return `${before}${pad}${name}:${this.afterKey(inner!, indent)}`
      })
      .join('')
  }

  /** The value after `key:`, with its line break. */
  afterKey(value: Json, indent: number): string {
    const line = this.onOneLine(value, indent)
    if (line !== undefined) return line
    const head = `${this.trailingComment()}\n`
    if (Array.isArray(value)) return head + this.block(value, indent + (this.roll(2) ? 2 : 0))
    return head + this.block(value as JsonMap, indent + 2 + (this.roll(3) === 0 ? 2 : 0))
  }

  /** The value after `-`, with its line break. */
  afterDash(value: Json, indent: number): string {
    const line = this.onOneLine(value, indent)
    if (line !== undefined) return line
    if (Array.isArray(value)) return `\n${this.block(value, indent + 2)}`
    return ` ${this.block(value as JsonMap, indent + 2).trimStart()}`
  }

  /** A scalar or a value in flow style; undefined for a value in block style. */
  onOneLine(value: Json, indent: number): string | undefined {
    if (typeof value === 'string' && value.includes('\n') && this.roll(2)) return blockScalar(value, indent)
    if (value === null && this.roll(3) === 0) return `${this.trailingComment()}\n`
    const isScalar = typeof value !== 'object' || value === null
    if (isScalar || Object.keys(value).length === 0 || this.roll(4) === 0)
      return ` ${this.flow(value)}${this.trailingComment()}\n`
    return undefined
  }
}

function blockScalar(text: string, indent: number): string {
  const pad = ' '.repeat(indent + 2)
  const lines = text.replace(/\n$/, '').split('\n')
  return ` |${text.endsWith('\n') ? '' : '-'}\n${lines.map(line => `${pad}${line}\n`).join('')}`
}

/** Texts of any mesh config. They shrink with their value and their style. */
export const anyText = fc
  .tuple(meshConfig, fc.array(fc.nat(1000), {size: 'max', maxLength: 120}))
  .map(([config, rolls]) => {
    let at = 0
    return new Writer(sides => (rolls[at++] ?? 1) % sides).document(config)
  })
  .filter(isYaml)

function isYaml(text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

/** Returns the parsed text; `{}` for an empty one. */
export function parsed(text: string): Record<string, Json> {
  return (parse(text) ?? {}) as Record<string, Json>
}
