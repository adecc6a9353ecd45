import type {Interfaces} from '@oclif/core'
import type {Field, Raw, Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import {relationText} from '../spec/relations.ts'
import {boolFlag, choiceFlag, listFlag, stringFlag} from './flag-builders.ts'
import type {FlagGroups} from './flag-groups.ts'

/**
 * The oclif flags of a schema's fields; arguments have none. No flag has a default: what a user does not set stays
 * undefined, and the Spec fills it in.
 *
 * @param groups headings in help, in the order of help; fields without a group come first
 */
export function flagsOf<S extends Schema>(schema: S, groups: FlagGroups<S> = {}): Interfaces.FlagInput {
  const headings = new Map(
    Object.entries(groups).flatMap(([group, names]) => names.map(name => [name, group] as const)),
  )
  const flags = Object.entries(schema).filter(([, {argument}]) => !argument)
  const names = flags.map(([name]) => name)
  const sorted = [...names.filter(name => !headings.has(name)), ...headings.keys()]
  return Object.fromEntries(sorted.map(name => [schema[name]!.flag, flagOf(schema[name]!, schema, headings.get(name))]))
}

function flagOf(field: Field<unknown>, schema: Schema, group: string | undefined): Interfaces.FlagInput[string] {
  const fallback = field.fallbackText ?? (typeof field.fallback === 'string' ? field.fallback : undefined)
  const relation = relationText(field, schema)
  const properties = {
    about: relation === '' ? field.about : `${field.about} (${relation})`,
    ...(field.valueName ? {valueName: field.valueName} : {}),
    ...(group === undefined ? {} : {group}),
    ...(fallback ? {fallbackText: fallback} : {}),
  }
  switch (field.kind) {
    case 'text':
      return stringFlag(properties)
    case 'list':
      return listFlag(properties)
    case 'switch':
      return boolFlag(properties)
    case 'choice':
      return choiceFlag({...properties, options: field.options ?? []})
  }
}

/**
 * The values that a user set for the fields of a schema, by field name.
 *
 * @param flags parsed flags and arguments of the command, by flag name; others are ignored
 */
export function rawOf<S extends Schema>(schema: S, flags: Record<string, unknown>): RawSpec<S> {
  const raw: Record<string, Raw> = {}
  for (const [name, field] of Object.entries(schema)) {
    const value = flags[field.flag]
    if (value !== undefined) raw[name] = value as Raw
  }
  return raw as RawSpec<S>
}
