import type {Problem} from '../errors.ts'
import type {Field, Schema} from './field.ts'

/**
 * Checks the relations that fields declare: a field that is set must have an effect, and must not conflict with another.
 * A relation to a field that the schema does not have is ignored: commands may offer a part of the fields.
 *
 * @param spec validated values by field name
 * @returns one problem per field and relation, in the order of the schema
 */
export function relationProblems(schema: Schema, spec: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(schema).flatMap(([name, field]) =>
    isSet(field, spec[name]) ? [...effectProblems(field, schema, spec), ...conflicts(field, schema, spec)] : [],
  )
}

/** Whether a field has an effect with the values of the other fields, and conflicts with none. */
export function relationsHold(schema: Schema, spec: Readonly<Record<string, unknown>>, name: string): boolean {
  const field = schema[name]!
  return effectProblems(field, schema, spec).length === 0 && conflicts(field, schema, spec).length === 0
}

/** When a field has an effect and what it excludes, for help and docs: `only with --mode gateways`. Empty without relations. */
export function relationText(field: Field<unknown>, schema: Schema): string {
  const needed = conditionsOf(field, schema).map(({text}) => text)
  const excluded = excludedBy(field, schema).map(([, other]) => flagOf(other))
  return [
    needed.length > 0 ? `only with ${needed.join(' and ')}` : '',
    excluded.length > 0 ? `not with ${excluded.join(' or ')}` : '',
  ]
    .filter(text => text !== '')
    .join(', ')
}

/** Whether a field has another value than its fallback. */
export function isSet(field: Field<unknown>, value: unknown): boolean {
  return value !== undefined && JSON.stringify(value) !== JSON.stringify(field.fallback)
}

function effectProblems(field: Field<unknown>, schema: Schema, spec: Readonly<Record<string, unknown>>): Problem[] {
  const missing = conditionsOf(field, schema).find(({name, values}) => !values.some(value => value === spec[name]))
  if (!missing) return []
  return [
    {
      message: `${flagOf(field)} has an effect only with ${missing.text}`,
      hints: [`add ${missing.text.split(' or ')[0]}, or omit ${flagOf(field)}`],
    },
  ]
}

function conflicts(field: Field<unknown>, schema: Schema, spec: Readonly<Record<string, unknown>>): Problem[] {
  return excludedBy(field, schema)
    .filter(([name, other]) => isSet(other, spec[name]))
    .map(([, other]) => ({message: `${flagOf(field)} conflicts with ${flagOf(other)}`, hints: ['omit one of them']}))
}

interface Condition {
  /** Name of the field that must have one of the values. */
  name: string
  values: readonly (string | boolean)[]
  /** As a user types it: `--mode gateways`, `--mode a or b`, `--x`, `--no-x`. */
  text: string
}

function conditionsOf(field: Field<unknown>, schema: Schema): Condition[] {
  return Object.entries(field.onlyWith ?? {}).flatMap(([name, values]) => {
    const other = schema[name]
    return other ? [{name, values, text: conditionText(flagOf(other), values)}] : []
  })
}

function excludedBy(field: Field<unknown>, schema: Schema): [string, Field<unknown>][] {
  return Object.entries(schema).filter(([name]) => field.excludes?.includes(name))
}

function conditionText(flag: string, values: readonly (string | boolean)[]): string {
  if (values[0] === true) return flag
  return values[0] === false ? `--no-${flag.slice(2)}` : `${flag} ${values.join(' or ')}`
}

function flagOf(field: Field<unknown>): string {
  return field.argument ? field.flag.toUpperCase() : `--${field.flag}`
}
