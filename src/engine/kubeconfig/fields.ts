import type {MeshError} from '../../errors.ts'
import {usageError} from '../../errors.ts'

type Fields = Record<string, unknown>

/** Position of a value, for error messages. */
export interface Place {
  file: string
  /** `contexts[0].context`; '' for the whole file. */
  path: string
}

/** Returns the position of a field within the value at `place`. */
export function below(place: Place, field: string): Place {
  return {file: place.file, path: place.path ? `${place.path}.${field}` : field}
}

/** Returns the fields of a mapping; none if the value is missing. Throws MeshError (exit 2) for any other value. */
export function mapping(value: unknown, place: Place): Fields {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(value, place, 'a mapping')
  return value as Fields
}

/** Returns the items of a list; none if the value is missing. Throws MeshError (exit 2) for any other value. */
export function list(value: unknown, place: Place): unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrongType(value, place, 'a list')
  return value
}

/**
 * Returns a string field; '' if missing. Throws MeshError (exit 2) for any other value, such as an unquoted `y` or
 * `12`.
 */
export function text(fields: Fields, field: string, place: Place): string {
  const value = fields[field]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrongType(value, below(place, field), 'a string')
  return value
}

/** Returns a boolean field; false if missing. Throws MeshError (exit 2) for any other value. */
export function flag(fields: Fields, field: string, place: Place): boolean {
  const value = fields[field]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw wrongType(value, below(place, field), 'a boolean')
  return value
}

/** Returns a list of strings; empty if missing. Throws MeshError (exit 2) for any other value. */
export function texts(fields: Fields, field: string, place: Place): string[] {
  const at = below(place, field)
  return list(fields[field], at).map((_, index, items) =>
    text({[`${field}[${index}]`]: items[index]}, `${field}[${index}]`, place),
  )
}

/** Returns decoded base64 data; undefined if missing or empty. Throws MeshError (exit 2) for invalid base64. */
export function data(fields: Fields, field: string, place: Place): Buffer | undefined {
  const value = text(fields, field, place).replace(/[\r\n]/g, '')
  if (!value) return undefined
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
    throw usageError(`${place.file}: ${below(place, field).path} is not valid base64`)
  }
  return Buffer.from(value, 'base64')
}

function wrongType(value: unknown, place: Place, expected: string): MeshError {
  const where = `${place.file}: ${place.path || 'the file'}`
  const found = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
  if (expected === 'a string' && (typeof value === 'boolean' || typeof value === 'number')) {
    return usageError(
      `${where} is ${found}; expected a string`,
      'put the value in quotes: YAML reads an unquoted y, n, yes, no, on, off, true or false as a boolean, and digits as a number',
    )
  }
  return usageError(`${where} is ${found}; expected ${expected}`)
}
