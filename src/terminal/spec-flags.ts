import type {Interfaces} from '@oclif/core'
import type {Field, Raw, Schema} from '../spec/field.ts'
import type {RawSpec} from '../spec/read.ts'
import {relationText} from '../spec/relations.ts'
import {boolFlag, choiceFlag, listFlag, stringFlag} from './flags.ts'

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
  const said = {
    about: relation === '' ? field.about : `${field.about} (${relation})`,
    ...(field.valueName ? {valueName: field.valueName} : {}),
    ...(fallback ? {fallbackText: fallback} : {}),
  }
  switch (field.kind) {
    case 'text':
      return stringFlag(said)
    case 'list':
      return listFlag(said)
    case 'switch':
      return boolFlag(said)
    case 'choice':
      return choiceFlag({...said, options: field.options ?? []})
  }
}

/** What the parsed flags of a command say about a schema, by its names. */
export function rawOf<S extends Schema>(schema: S, flags: Record<string, unknown>): RawSpec<S> {
  const raw: Record<string, Raw> = {}
  for (const [name, field] of Object.entries(schema)) {
    const value = flags[field.flag]
    if (value !== undefined) raw[name] = value as Raw
  }
  return raw as RawSpec<S>
}
