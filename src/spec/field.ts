/**
 * One definition for each thing a user can say. From a field come its flag, its question, its key in a mesh file, its
 * help text and its check, so that the three ways to say it can't drift apart.
 */

/** A value as it stands in flags, answers or a file, before it is checked. */
export type Raw = string | number | boolean | undefined | null | readonly Raw[] | {readonly [key: string]: Raw}

/** Thrown by a field's `parse`; the reader collects these into one error. The message follows the name of the flag. */
export class FieldProblem extends Error {}

/** What kind of flag carries the field. */
export type FieldKind = 'text' | 'list' | 'switch' | 'choice'

/** One thing a user can say. `T` is its checked value. */
export interface Field<T> {
  kind: FieldKind
  /** Flag name in kebab case, without dashes. The key in a mesh file is the same in camel case. */
  flag: string
  /** One sentence for help and questions, without a full stop. */
  about: string
  /** What stands for the value in help: `CTX=NET`. */
  valueName?: string
  /** Allowed values of a choice. */
  options?: readonly string[]
  /** Raw value (never undefined) → checked value. Throws `FieldProblem`. */
  parse: (raw: Exclude<Raw, undefined | null>) => T
  /** The value when nothing was said; `undefined` means that there is none. */
  fallback: T
  /** The fallback as help shows it, where it is not the plain value. */
  fallbackText?: string
  /** Said as a word after the command and not as a flag; `flag` names it. */
  argument?: true
  /** The value as a flag would say it, where that is not the plain text: milliseconds as `720h`; texts for a flag each. */
  format?(value: NonNullable<T>): string | readonly string[]
}

/** All fields of one system, by the name the Spec uses. */
export type Schema = Record<string, Field<unknown>>

/** The checked Spec of a schema. */
export type SpecOf<S extends Schema> = {[K in keyof S]: S[K] extends Field<infer T> ? T : never}

/** A check of one text: what is wrong with it in words that follow the value, or undefined. */
export type TextCheck = (text: string) => string | undefined

interface Said {
  flag: string
  about: string
  valueName?: string
}

function textOf(raw: Raw): string {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number') return String(raw)
  throw new FieldProblem(
    `wants one text, got ${JSON.stringify(raw)}${typeof raw === 'boolean' ? ' (quote it to mean the text)' : ''}`,
  )
}

function checked(text: string, check: TextCheck | undefined): string {
  const problem = check?.(text)
  if (problem) throw new FieldProblem(`${text} ${problem}`)
  return text
}

/** One text; undefined when nothing was said. */
export function textField(said: Said & {check?: TextCheck; fallbackText?: string}): Field<string | undefined> {
  const {check, ...rest} = said
  return {...rest, kind: 'text', fallback: undefined, parse: raw => checked(textOf(raw), check)}
}

/** One text with a default. */
export function textFieldWithDefault(said: Said & {check?: TextCheck; fallback: string}): Field<string> {
  const {check, ...rest} = said
  return {...rest, kind: 'text', parse: raw => checked(textOf(raw), check)}
}

/** One text that is turned into something else: a duration, a number. `convert` throws `FieldProblem`. */
export function convertedField<T>(
  said: Said & {
    convert: (text: string) => T
    fallback: T
    fallbackText?: string
    format?: (value: NonNullable<T>) => string
  },
): Field<T> {
  const {convert, ...rest} = said
  return {...rest, kind: 'text', parse: raw => convert(textOf(raw))}
}

/** Yes or no; `--x` and `--no-x`. */
export function switchField(said: Omit<Said, 'valueName'> & {fallback?: boolean}): Field<boolean> {
  return {
    ...said,
    kind: 'switch',
    fallback: said.fallback ?? false,
    parse: raw => {
      if (typeof raw === 'boolean') return raw
      throw new FieldProblem(`is true or false, got ${JSON.stringify(raw)}`)
    },
  }
}

/** One of a few words. */
export function choiceField<const O extends readonly string[]>(
  said: Said & {options: O; fallback: O[number]},
): Field<O[number]> {
  return {
    ...said,
    kind: 'choice',
    parse: raw => {
      const text = textOf(raw)
      if (!said.options.includes(text)) throw new FieldProblem(`${text} is not one of ${said.options.join(', ')}`)
      return text as O[number]
    },
  }
}

/** Texts, by repeating the flag or with commas. Empty when nothing was said. */
export function listField(said: Said & {check?: TextCheck}): Field<string[]> {
  const {check, ...rest} = said
  return {
    ...rest,
    kind: 'list',
    fallback: [],
    parse: raw => {
      const parts = Array.isArray(raw) ? raw.map(textOf) : [textOf(raw as Raw)]
      return parts
        .flatMap(part => part.split(','))
        .map(part => part.trim())
        .filter(part => part !== '')
        .map(part => checked(part, check))
    },
  }
}

/**
 * A value for each of some keys, `KEY=VALUE` by repeating the flag, or a map in a file. A key may hold `=`: the value is
 * what follows the last one for which `check` finds nothing wrong. Empty when nothing was said. The map has no prototype:
 * `map[key]` is undefined for `constructor` too, unless someone said it.
 */
export function mapField(said: Said & {check?: TextCheck; checkKey?: TextCheck}): Field<Record<string, string>> {
  const {check, checkKey, ...rest} = said
  const wants = said.valueName ?? 'KEY=VALUE'
  const split = (pair: string): [string, string] => {
    let first: [string, string] | undefined
    for (let at = pair.lastIndexOf('='); at > 0; at = pair.lastIndexOf('=', at - 1)) {
      const found: [string, string] = [pair.slice(0, at), pair.slice(at + 1)]
      if (!check?.(found[1]) && !checkKey?.(found[0])) return found
      first = found
    }
    if (!first) throw new FieldProblem(`${pair} is not ${wants}`)
    checked(first[0], checkKey)
    checked(first[1], check)
    return first
  }
  return {
    ...rest,
    kind: 'list',
    fallback: Object.create(null),
    parse: raw => {
      const pairs: [string, string][] =
        typeof raw === 'object' && !Array.isArray(raw)
          ? Object.entries(raw).map(([key, value]) => [checked(key, checkKey), checked(textOf(value), check)])
          : (Array.isArray(raw) ? raw : [raw]).map(pair => split(textOf(pair)))
      const result: Record<string, string> = Object.create(null)
      for (const [key, value] of pairs) {
        if (key in result && result[key] !== value) throw new FieldProblem(`names ${key} twice`)
        result[key] = value
      }
      return result
    },
  }
}

/** Key of a field in a mesh file: `mesh-id` → `meshId`. */
export function fileKeyOf(field: {flag: string}): string {
  return field.flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
