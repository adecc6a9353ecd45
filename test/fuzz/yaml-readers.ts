import {CORE_SCHEMA, load, YAML11_SCHEMA} from 'js-yaml'
import {parseDocument} from 'yaml'
import {isSmallWhenExpanded} from '../../src/text/yaml-reading/expansion.ts'

/** Programs of either version of YAML read the texts that we edit. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  'js-yaml, YAML 1.1': text => load(text, {schema: YAML11_SCHEMA}),
  'js-yaml, YAML 1.2': text => load(text, {schema: CORE_SCHEMA}),
  'yaml, YAML 1.1': text => parsed(text, '1.1'),
  'yaml, YAML 1.2': text => parsed(text, '1.2'),
}

/** The package compares each key of a map with all others, so it looks for equal keys only in short texts. */
function parsed(text: string, version: '1.1' | '1.2'): unknown {
  const document = parseDocument(text, {version, merge: true, logLevel: 'error', uniqueKeys: text.length < 20_000})
  if (document.errors[0]) throw document.errors[0]
  return document.toJS()
}

/** A text as each reader reads it: a map, or undefined if it is none or the reader rejects it. */
export function readings(text: string): Map<string, Record<string, unknown> | undefined> {
  return new Map(Object.entries(readers).map(([name, read]) => [name, mapFrom(() => read(text))]))
}

function mapFrom(read: () => unknown): Record<string, unknown> | undefined {
  try {
    const value = read() ?? {}
    if (!isMap(value) || !isSmallWhenExpanded(value, 100_000)) return undefined
    return value
  } catch {
    // A text that a reader rejects is none of its texts.
    return undefined
  }
}

/** Whether a value is a map with text keys, and no other object, such as a date or a set. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return Object.prototype.toString.call(value) === '[object Object]'
}
