import {boolCoreTag, dump, FAILSAFE_SCHEMA, load, loadAll, mergeTag, nullYaml11Tag, YAML11_SCHEMA} from 'js-yaml'
import {isSimple, writeSimpleYaml} from './simple-yaml.ts'

/**
 * Writes a value as YAML in kubectl's layout, without anchors and folded lines. Strings that YAML 1.1 or 1.2 would read as
 * another type are quoted (`y`, `0755`, `1e3`).
 */
export function dumpYaml(value: unknown): string {
  if (typeof value === 'object' && isSimple(value)) return `${writeSimpleYaml(value)}\n`
  return dump(value, {noRefs: true, lineWidth: -1, seqNoIndent: true})
}

/**
 * Parses one YAML document as kubectl does: YAML 1.1 with merge keys, `yes` and octal numbers.
 *
 * @throws YAMLException of js-yaml
 */
export function loadYaml(text: string): unknown {
  return load(text, {schema: YAML11_SCHEMA})
}

const textSchema = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, boolCoreTag, mergeTag)

/**
 * Parses one YAML document without converting scalars other than `true`, `false` and `null`: a network `0755` stays a
 * string and does not become the number 493.
 *
 * @throws YAMLException of js-yaml
 */
export function loadTexts(text: string): unknown {
  return load(text, {schema: textSchema})
}

/**
 * Parses all YAML documents of a text like `loadYaml`. Empty documents are left out.
 *
 * @throws YAMLException of js-yaml
 */
export function loadAllYaml(text: string): unknown[] {
  return loadAll(text, {schema: YAML11_SCHEMA}).filter(document => document !== null && document !== undefined)
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
