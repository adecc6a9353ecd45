import {exitCodes, MeshError, usageError} from '../errors.ts'
import {parseJson} from '../text/json.ts'
import {type Field, FieldProblem, type Raw, type Schema, type SpecOf} from './field.ts'
import type {RawSpec} from './read.ts'
import {isSet, relationsHold} from './relations.ts'

// A command stores its settings in its record. A later run with fewer flags keeps them, instead of returning to defaults.

/** Key of the stored settings in the data of a command's record. */
export const settingsKey = 'settings'

/**
 * Returns the settings of a Spec as JSON, in the form that a mesh file has. Fields that have their default or that describe one
 * run are omitted. Contains no secret.
 */
export function formatSettings<S extends Schema>(schema: S, spec: SpecOf<S>): string {
  const raw = Object.entries(schema).flatMap(([name, field]): [string, Raw][] => {
    const value: unknown = spec[name]
    if (field.perRun || value === null || !isSet(field, value)) return []
    return [[name, rawValue(field, value)]]
  })
  return JSON.stringify(Object.fromEntries(raw.sort(([a], [b]) => (a < b ? -1 : 1))))
}

/** Returns the part of a record's data that stores the settings of a Spec. */
export function settingsData<S extends Schema>(schema: S, spec: SpecOf<S>): Record<string, string> {
  return {[settingsKey]: formatSettings(schema, spec)}
}

function rawValue(field: Field<unknown>, value: unknown): Raw {
  return field.format ? (field.format(value as object) as Raw) : (value as Raw)
}

/** Returns the input for `readSpec` in a text of `formatSettings`. Undefined for any other text. */
export function parseSettings<S extends Schema>(schema: S, text: string | undefined): RawSpec<S> | undefined {
  const value = parseObject(text)
  if (!value) return undefined
  const names = Object.keys(schema).filter(name => Object.hasOwn(value, name) && !schema[name]!.perRun)
  return Object.fromEntries(names.map(name => [name, value[name]])) as RawSpec<S>
}

function parseObject(text: string | undefined): Record<string, Raw> | undefined {
  const value = parseJson(text ?? '')
  return typeof value === 'object' && value !== null ? (value as Record<string, Raw>) : undefined
}

/** What a run is asked for, and what earlier runs stored. */
export interface SettingsInput<S extends Schema> {
  /** Flags, answers, and the mesh file. */
  requested: RawSpec<S>
  /** What `parseSettings` returned; undefined on the first run. */
  stored: RawSpec<S> | undefined
  /** Flags that return to their default: the values of `--reset`. */
  reset: readonly string[]
  /** The input is a mesh file, which is always complete: a field that it omits has its default. */
  complete: boolean
}

/**
 * Returns the stored settings with the requested ones over them. A stored setting that has no effect with a requested one, or
 * excludes it, is dropped.
 *
 * @param added fields with lists whose requested entries are added to the stored ones. An entry replaces a stored one with the
 *   same text before `=`.
 * @throws MeshError (exit 2) for a name in `reset` that is no stored setting of the command
 */
export function mergeSettings<S extends Schema>(
  schema: S,
  input: SettingsInput<S>,
  added: readonly (keyof S & string)[] = [],
): RawSpec<S> {
  const {requested, stored, reset, complete} = input
  checkReset(schema, reset)
  if (complete || !stored) return requested
  const former = Object.entries(schema).filter(
    ([name, field]) => requested[name] === undefined && stored[name] !== undefined && !reset.includes(field.flag),
  )
  const merged: RawSpec<S> = {...Object.fromEntries(former.map(([name]) => [name, stored[name]])), ...requested}
  const values = valuesOf(schema, merged)
  const without = former
    .map(([name]) => name)
    .filter(name => !relationsHold(schema, values, name) || isExcluded(schema, requested, name))
  const lists = added
    .filter(name => requested[name] !== undefined && !reset.includes(schema[name]!.flag))
    .map(name => [name, withLater(listOfRaw(stored[name]), listOfRaw(requested[name]))])
  const kept = Object.entries(merged).filter(([name]) => !without.includes(name))
  return {...Object.fromEntries(kept), ...Object.fromEntries(lists)} as RawSpec<S>
}

/** Drops earlier entries that a later one replaces. */
function withLater(earlier: readonly Raw[], later: readonly Raw[]): Raw[] {
  const keyOf = (entry: Raw) => String(entry).split('=')[0]
  const replaced = new Set(later.map(keyOf))
  return [...earlier.filter(entry => !replaced.has(keyOf(entry))), ...later]
}

/** Returns an unvalidated value as a list: empty if it is not set. */
export function listOfRaw(raw: Raw): readonly Raw[] {
  if (raw === undefined || raw === null) return []
  return Array.isArray(raw) ? raw : [raw]
}

/**
 * Reads merged settings. If they are invalid, the error also names the flags of `--reset` for the stored ones among them: the
 * user may not know what an earlier run has set.
 *
 * @param merged what `mergeSettings` returned
 * @throws MeshError what `read` throws
 */
export function readMerged<S extends Schema, T>(
  schema: S,
  {requested, complete}: Pick<SettingsInput<S>, 'requested' | 'complete'>,
  merged: RawSpec<S>,
  read: (raw: RawSpec<S>) => T,
): T {
  try {
    return read(merged)
  } catch (error) {
    const kept = Object.keys(schema).filter(name => requested[name] === undefined && merged[name] !== undefined)
    const flags = kept.filter(name => !schema[name]!.argument && !schema[name]!.perRun).map(name => schema[name]!.flag)
    if (complete || flags.length === 0 || !(error instanceof MeshError && error.exit === exitCodes.usage)) throw error
    const hint = `an earlier run has set ${flags.map(flag => `--${flag}`).join(', ')}; --reset FLAG returns one to its default`
    const last = error.problems.at(-1)!
    const problems = [...error.problems.slice(0, -1), {...last, hints: [...(last.hints ?? []), hint]}]
    throw new MeshError(problems, error.exit, error)
  }
}

/** Whether a requested field excludes a stored one, which it then replaces: `--selector` instead of `--to`. */
function isExcluded(schema: Schema, requested: Readonly<Record<string, Raw>>, name: string): boolean {
  const values = valuesOf(schema, requested)
  return Object.entries(schema).some(
    ([other, field]) => field.excludes?.includes(name) && requested[other] !== undefined && isSet(field, values[other]),
  )
}

function checkReset(schema: Schema, reset: readonly string[]): void {
  const flags = Object.values(schema).flatMap(({flag, perRun, argument}) => (perRun || argument ? [] : [flag]))
  const unknown = reset.find(flag => !flags.includes(flag))
  if (unknown !== undefined)
    throw usageError(`--reset ${unknown}: this command stores no such setting`, `use one of ${flags.join(', ')}`)
}

/** The values of all fields. An invalid value counts as the default here; `readSpec` reports it. */
function valuesOf(schema: Schema, raw: Readonly<Record<string, Raw>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(schema).map(([name, field]) => [name, parsedValue(field, raw[name])]))
}

function parsedValue(field: Field<unknown>, raw: Raw): unknown {
  if (raw === undefined || raw === null) return field.fallback
  try {
    return field.parse(raw)
  } catch (error) {
    if (error instanceof FieldProblem) return field.fallback
    throw error
  }
}

/** A change of a setting that the user must be aware of. */
export interface RiskyChange {
  /** Flag without dashes. */
  flag: string
  /** What it means, as a sentence without a full stop. */
  text: string
  /** The user asked for it: by a flag, a file, an answer, or `--reset`. */
  isExplicit: boolean
}

/**
 * Returns the changes that widen access, extend the life of a credential or change a selector, as each field's `risk` describes.
 *
 * @param spec the Spec of this run, read from the merged settings
 */
export function riskyChanges<S extends Schema>(schema: S, input: SettingsInput<S>, spec: SpecOf<S>): RiskyChange[] {
  if (!input.stored) return []
  const before = valuesOf(schema, input.stored)
  return Object.entries(schema).flatMap(([name, field]) => {
    const text = field.risk?.(before[name], spec[name], spec)
    return text === undefined ? [] : [{flag: field.flag, text, isExplicit: isExplicit(schema, input, name)}]
  })
}

function isExplicit<S extends Schema>(schema: S, {requested, reset}: SettingsInput<S>, name: string): boolean {
  return requested[name] !== undefined || reset.includes(schema[name]!.flag) || isExcluded(schema, requested, name)
}
