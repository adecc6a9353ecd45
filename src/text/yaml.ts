import {
  boolCoreTag,
  type Document,
  type DumpOptions,
  dump,
  FAILSAFE_SCHEMA,
  type LoadOptions,
  load,
  loadAll,
  mergeTag,
  nullYaml11Tag,
  SCALAR_STYLE,
  strTag,
  visit,
  YAML11_SCHEMA,
  YAMLException,
} from 'js-yaml'
import {escapeForTerminal} from './escape-terminal.ts'
import {isSimple, writeSimpleYaml} from './simple-yaml.ts'
import {isSmallWhenExpanded} from './yaml-reading/expansion.ts'

/**
 * Writes a value as YAML in kubectl's layout, without anchors and folded lines. Strings that YAML 1.1 or 1.2 would read as
 * another type are quoted (`y`, `0755`, `1e3`). Strings with characters that a terminal could act on are quoted, with these
 * characters as YAML escapes: the text can be printed, and is read as the same value.
 */
export function dumpYaml(value: unknown): string {
  if (typeof value === 'object' && isSimple(value)) return `${writeSimpleYaml(value)}\n`
  return escapeCharacters(dump(value, dumpOptions))
}

/** Returns a YAML text in which the characters of `isPrintable` are escaped. They must occur only within double quotes. */
export function escapeCharacters(text: string): string {
  return isPrintable(text) ? text : [...text].map(yamlEscape).join('')
}

/**
 * Strings that js-yaml 5.5.0 may write without quotes although they need them: `.`, `e5`, `2001-1-1` and numbers that are too
 * large (`1e999`), which the package `yaml` reads as a number or a date in YAML 1.1; and texts that, as a key of the top
 * level, begin or end a document.
 */
const ambiguous = [
  /^(?=.*[0-9.])[-+]?(?:[0-9][0-9_]*)?(?:\.[0-9_]*)?(?:e[-+]?[0-9]+)?$/i,
  /^[-+]?0[box][0-9a-f_]+$/i,
  /^[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}$/,
  /^(?:---|\.\.\.)(?:\s|$)/,
]

const dumpOptions: DumpOptions = {
  noRefs: true,
  lineWidth: -1,
  seqNoIndent: true,
  transform: styleScalars,
}

/** Sets quotes for scalars that need them, in documents that were built from values. */
export function styleScalars(documents: Document[]): void {
  visit(documents, node => {
    if (node.kind !== 'scalar') return
    if (!isPrintable(node.value)) node.style = SCALAR_STYLE.DOUBLE_QUOTED
    else if (node.tag === strTag.tagName && ambiguous.some(pattern => pattern.test(node.value)))
      node.style = SCALAR_STYLE.SINGLE_QUOTED
  })
}

/** Returns whether a text has no character that a terminal could act on. */
export function isPrintable(text: string): boolean {
  return escapeForTerminal(text) === text
}

/** js-yaml escapes only the characters that YAML does not allow. The others occur only in strings with double quotes. */
function yamlEscape(character: string): string {
  if (isPrintable(character)) return character
  const hex = character.codePointAt(0)!.toString(16)
  return hex.length > 4 ? `\\U${hex.padStart(8, '0')}` : `\\u${hex.padStart(4, '0')}`
}

/** ConfigMaps and Secrets, which hold mesh configs and kubeconfigs, have at most 1 MiB. A rendered control plane is larger. */
const maxCharacters = 16 * 1024 * 1024

/** A thousand nodes, or a mesh config with a thousand providers, have about 10,000 values. */
const maxValues = 1_000_000

/**
 * Parses a text that anyone may have written, with a limit for everything that grows: its length, the nesting (100 levels,
 * a default of js-yaml), merge keys (10,000, also a default), and the number of values with all aliases expanded.
 *
 * Threat: a few hundred bytes of aliases can represent billions of values, and whatever copies or prints them exhausts the
 * memory. A deeply nested text ends recursive functions with a stack overflow.
 *
 * @throws YAMLException of js-yaml
 */
export function withinLimits<T>(text: string, parse: () => T): T {
  if (text.length > maxCharacters)
    throw new YAMLException(`the text has ${text.length} characters; the limit is ${maxCharacters}`)
  const value = parse()
  // Without aliases, the length of the text bounds the number of values.
  if (text.includes('*') && !isSmallWhenExpanded(value, maxValues))
    throw new YAMLException(`aliases expand to more than ${maxValues} values, or an alias contains itself`)
  return value
}

const yaml11: LoadOptions = {schema: YAML11_SCHEMA}

/**
 * Parses one YAML document as kubectl does: YAML 1.1 with merge keys, `yes` and octal numbers.
 *
 * @throws YAMLException of js-yaml, also for a text beyond the limits of `withinLimits`
 */
export function loadYaml(text: string): unknown {
  return withinLimits(text, () => load(text, yaml11))
}

/** Returns the value of a YAML document like `loadYaml`. Undefined for any other text. */
export function parseYaml(text: string): unknown {
  try {
    return loadYaml(text)
  } catch {
    return undefined
  }
}

/** Converts only `true`, `false`, `null` and merge keys. */
export const textSchema = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolCoreTag, mergeTag)

/**
 * Parses one YAML document without converting scalars other than `true`, `false` and `null`: a network `0755` stays a
 * string and does not become the number 493.
 *
 * @throws YAMLException of js-yaml
 */
export function loadTexts(text: string): unknown {
  return withinLimits(text, () => load(text, {schema: textSchema}))
}

/**
 * Parses all YAML documents of a text like `loadYaml`. Empty documents are left out.
 *
 * @throws YAMLException of js-yaml
 */
export function loadAllYaml(text: string): unknown[] {
  const documents = withinLimits(text, () => loadAll(text, yaml11))
  return documents.filter(document => document !== null && document !== undefined)
}

const firstKeys = ['apiVersion', 'kind', 'metadata']

/** A copy with sorted keys: `apiVersion`, `kind` and `metadata` first, then the others by name, as are nested keys. */
export function inKeyOrder<T extends object>(object: T): T {
  const keys = [
    ...firstKeys.filter(key => key in object),
    ...Object.keys(object)
      .filter(key => !firstKeys.includes(key))
      .sort(),
  ]
  return Object.fromEntries(keys.map(key => [key, sorted(object[key as keyof T])])) as T
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, inner]) => inner !== undefined)
  return Object.fromEntries(
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)).map(([key, inner]) => [key, sorted(inner)]),
  )
}
