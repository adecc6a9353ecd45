import type {Interfaces} from '@oclif/core'
import type {Field, Raw, Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import {relationText} from '../spec/relations.ts'
import {boolFlag, choiceFlag, listFlag, stringFlag} from './flag-builders.ts'

/**
 * The oclif flags of a schema's fields; arguments have none. No flag has a default: what a user does not set stays
 * undefined, and the Spec fills it in.
 */
export function flagsOf(schema: Schema): Interfaces.FlagInput {
  const flags = Object.values(schema).filter(({argument}) => !argument)
  return Object.fromEntries(flags.map(field => [field.flag, flagOf(field, schema)]))
}

function flagOf(field: Field<unknown>, schema: Schema): Interfaces.FlagInput[string] {
  const fallback = field.fallbackText ?? (typeof field.fallback === 'string' ? field.fallback : undefined)
  const relation = relationText(field, schema)
  const properties = {
    about: relation === '' ? field.about : `${field.about} (${relation})`,
    ...(field.valueName ? {valueName: field.valueName} : {}),
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
