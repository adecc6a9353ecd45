/**
 * One definition for each setting. A field yields its flag, its question, its key in a mesh file, its help text and its
 * validation, so that these cannot drift apart.
 */

/** A value as it appears in flags, answers or a file, before it is validated. */
export type Raw = string | number | boolean | undefined | null | readonly Raw[] | {readonly [key: string]: Raw}

/** Thrown by a field's `parse`. The reader collects these into one error. The message follows the name of the flag. */
export class FieldProblem extends Error {}

/** What kind of flag carries the field. */
export type FieldKind = 'text' | 'list' | 'switch' | 'choice'

/** How a field depends on other fields of its schema. Keys are the names that the schema uses. */
export interface Relations {
  /** The field has an effect only when each of these fields has one of the listed values. */
  onlyWith?: Readonly<Record<string, readonly (string | boolean)[]>>
  /** Fields that must not be set together with this one. */
  excludes?: readonly string[]
}

/** One setting. `T` is its validated value. */
export interface Field<T> extends Relations {
  kind: FieldKind
  /** Flag name in kebab case, without dashes. The key in a mesh file is the same name in camel case. */
  flag: string
  /** One sentence for help and questions, without a full stop. */
  about: string
  /** Placeholder for the value in help: `CTX=NET`. */
  valueName?: string
  /** JSON Schema of the key in a mesh file, where it accepts something else than a field of its kind. */
  schema?: Readonly<Record<string, unknown>>
  /** Allowed values of a choice. */
  options?: readonly string[]
  /**
   * Validates a raw value, which is never undefined.
   *
   * @throws FieldProblem
   */
  parse: (raw: Exclude<Raw, undefined | null>) => T
  /** The value when the field is not set. `undefined` means that there is none. */
  fallback: T
  /** The fallback as help shows it, where that differs from the plain value. */
  fallbackText?: string
  /** The field is a positional argument of the command instead of a flag. */
  argument?: true
  /** The value in the form that the flag accepts, where that is not the plain text: `720h` for milliseconds. */
  format?(value: NonNullable<T>): string | readonly string[]
  /** The field describes one run (contexts, local files): it is not stored in the record of the command. */
  perRun?: true
  /**
   * Describes a change from an earlier run that widens access, extends the life of a credential or changes a selector, as a
   * sentence without a full stop. Undefined for any other change.
   *
   * @param spec the Spec of this run, of the schema to which the field belongs
   */
  risk?(before: T, after: T, spec: object): string | undefined
}

/** All fields of one feature, by their name in the Spec. */
export type Schema = Record<string, Field<unknown>>

/** The validated Spec of a schema. */
export type SpecOf<S extends Schema> = {[K in keyof S]: S[K] extends Field<infer T> ? T : never}

/** Validates one text. Returns what is wrong, in words that follow the value, or undefined. */
export type TextCheck = (text: string) => string | undefined

/** What every kind of field has in common. */
interface Common extends Relations {
  flag: string
  about: string
  valueName?: string
  perRun?: true
}

/**
 * Returns a raw value that is one text or number, as text. A field's own `parse` must use it too: `String` fails for a map
 * with the key `toString`.
 *
 * @throws FieldProblem for any other value
 */
export function textOf(raw: Raw): string {
  if (typeof raw === 'string') return raw
  if (typeof raw === 'number') return String(raw)
  const quote = typeof raw === 'boolean' ? ' (quote it to mean the text)' : ''
  throw new FieldProblem(`must be one text, got ${shortened(raw)}${quote}`)
}

/** A value for a message. A mesh file may hold megabytes in one field. */
function shortened(raw: Raw): string {
  const text = JSON.stringify(raw) ?? 'nothing'
  return text.length > 100 ? `${text.slice(0, 100)}…` : text
}

function checked(text: string, check: TextCheck | undefined): string {
  const problem = check?.(text)
  if (problem) throw new FieldProblem(`${text} ${problem}`)
  return text
}

/** One text. Undefined when it is not set. */
export function textField(input: Common & {check?: TextCheck; fallbackText?: string}): Field<string | undefined> {
  const {check, ...rest} = input
  return {...rest, kind: 'text', fallback: undefined, parse: raw => checked(textOf(raw), check)}
}

/** One text with a default. */
export function textFieldWithDefault(input: Common & {check?: TextCheck; fallback: string}): Field<string> {
  const {check, ...rest} = input
  return {...rest, kind: 'text', parse: raw => checked(textOf(raw), check)}
}

/**
 * One text that is converted to another type, such as a duration or a number.
 *
 * @param input.convert throws `FieldProblem` for a text that it does not accept
 */
export function convertedField<T>(
  input: Common & {
    convert: (text: string) => T
    fallback: T
    fallbackText?: string
    format?: (value: NonNullable<T>) => string
  },
): Field<T> {
  const {convert, ...rest} = input
  return {...rest, kind: 'text', parse: raw => convert(textOf(raw))}
}

/** True or false: `--x` and `--no-x`. */
export function switchField(input: Omit<Common, 'valueName'> & {fallback?: boolean}): Field<boolean> {
  return {
    ...input,
    kind: 'switch',
    fallback: input.fallback ?? false,
    parse: raw => {
      if (typeof raw === 'boolean') return raw
      throw new FieldProblem(`must be true or false, got ${shortened(raw)}`)
    },
  }
}

/** One of a few words. */
export function choiceField<const O extends readonly string[]>(
  input: Common & {options: O; fallback: O[number]},
): Field<O[number]> {
  return {
    ...input,
    kind: 'choice',
    parse: raw => {
      const text = textOf(raw)
      if (!input.options.includes(text)) throw new FieldProblem(`${text} is not one of ${input.options.join(', ')}`)
      return text as O[number]
    },
  }
}

/** Texts, by repeating the flag or separated by commas. Empty when it is not set. */
export function listField(input: Common & {check?: TextCheck}): Field<string[]> {
  const {check, ...rest} = input
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
 * A value for each of some keys: `KEY=VALUE` by repeating the flag, or a map in a file. Empty when it is not set.
 *
 * The key may contain `=`: the value is the text after the last `=` for which neither check finds a problem. The map has
 * no prototype, so that `map[key]` is undefined for `constructor` too unless it was set.
 */
export function mapField(input: Common & {check?: TextCheck; checkKey?: TextCheck}): Field<Record<string, string>> {
  const {check, checkKey, ...rest} = input
  const shape = input.valueName ?? 'KEY=VALUE'
  return {
    ...rest,
    kind: 'list',
    fallback: Object.create(null),
    parse: raw => {
      const pairs: [string, string][] =
        typeof raw === 'object' && !Array.isArray(raw)
          ? Object.entries(raw).map(([key, value]) => [checked(key, checkKey), checked(textOf(value), check)])
          : (Array.isArray(raw) ? raw : [raw]).map(pair => splitPair(textOf(pair), shape, check, checkKey))
      return mapOf(pairs)
    },
  }
}

function splitPair(
  pair: string,
  shape: string,
  check: TextCheck | undefined,
  checkKey: TextCheck | undefined,
): [string, string] {
  let shortestKey: [string, string] | undefined
  for (let at = pair.lastIndexOf('='); at > 0; at = pair.lastIndexOf('=', at - 1)) {
    const found: [string, string] = [pair.slice(0, at), pair.slice(at + 1)]
    if (!check?.(found[1]) && !checkKey?.(found[0])) return found
    shortestKey = found
  }
  if (!shortestKey) throw new FieldProblem(`${pair} is not ${shape}`)
  checked(shortestKey[0], checkKey)
  checked(shortestKey[1], check)
  return shortestKey
}

function mapOf(pairs: readonly [string, string][]): Record<string, string> {
  const result: Record<string, string> = Object.create(null)
  for (const [key, value] of pairs) {
    if (key in result && result[key] !== value) throw new FieldProblem(`sets ${key} twice`)
    result[key] = value
  }
  return result
}

/** Key of a field in a mesh file: `mesh-id` → `meshId`. */
export function fileKeyOf(field: {flag: string}): string {
  return field.flag.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
