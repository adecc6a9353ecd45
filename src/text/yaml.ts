import {boolCoreTag, dump, FAILSAFE_SCHEMA, load, loadAll, mergeTag, nullYaml11Tag, YAML11_SCHEMA} from 'js-yaml'
import {isSimple, writeSimpleYaml} from './simple-yaml.ts'

/**
 * Writes YAML that every reader takes as it was meant: what YAML 1.1 or 1.2 would read as something else than a text is
 * quoted (`y`, `0755`, `1e3`), no anchors, no folded lines. The layout is kubectl's.
 */
export function dumpYaml(value: unknown): string {
  if (typeof value === 'object' && isSimple(value)) return `${writeSimpleYaml(value)}\n`
  return dump(value, {noRefs: true, lineWidth: -1, seqNoIndent: true})
}

/** Reads one YAML document as kubectl would (YAML 1.1: merges, `yes`, octal). Throws js-yaml's `YAMLException`. */
export function loadYaml(text: string): unknown {
  return load(text, {schema: YAML11_SCHEMA})
}

const textSchema = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolCoreTag, mergeTag)

/**
 * Reads one YAML document in which what looks like a number, a date or `y` stays the text that was written: a network
 * `0755` is not 493. Only `true`, `false` and `null` are something else. Throws js-yaml's `YAMLException`.
 */
export function loadTexts(text: string): unknown {
  return load(text, {schema: textSchema})
}

/** Reads all documents, without empty ones. */
export function loadAllYaml(text: string): unknown[] {
  return loadAll(text, {schema: YAML11_SCHEMA}).filter(document => document !== null && document !== undefined)
}

const firstKeys = ['apiVersion', 'kind', 'metadata']

/** An object with keys in a fixed order: apiVersion, kind, metadata, then the rest by name, nested keys by name. */
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
