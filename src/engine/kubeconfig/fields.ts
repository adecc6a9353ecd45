import type {MeshError} from '../../errors.ts'
import {usageError} from '../../errors.ts'

type Fields = Record<string, unknown>

/** Where in which file a value stands: told in errors. */
export interface Place {
  file: string
  /** `contexts[0].context`; empty at the top. */
  path: string
}

/** The place of a field below a place. */
export function below(place: Place, field: string): Place {
  return {file: place.file, path: place.path ? `${place.path}.${field}` : field}
}

/** The fields of a mapping; a missing one has none, as kubectl takes it. Throws MeshError (exit 2) on anything else. */
export function mapping(value: unknown, place: Place): Fields {
  if (value === undefined || value === null) return {}
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(value, place, 'a mapping')
  return value as Fields
}

/** The items of a list; a missing one has none. Throws MeshError (exit 2) on anything else. */
export function list(value: unknown, place: Place): unknown[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw wrongType(value, place, 'a list')
  return value
}

/** A text field; a missing one is ''. Throws MeshError (exit 2) on anything else, also on an unquoted `y` or `12`. */
export function text(fields: Fields, field: string, place: Place): string {
  const value = fields[field]
  if (value === undefined || value === null) return ''
  if (typeof value !== 'string') throw wrongType(value, below(place, field), 'text')
  return value
}

/** A true/false field; a missing one is false. Throws MeshError (exit 2) on anything else. */
export function flag(fields: Fields, field: string, place: Place): boolean {
  const value = fields[field]
  if (value === undefined || value === null) return false
  if (typeof value !== 'boolean') throw wrongType(value, below(place, field), 'true or false')
  return value
}

/** A list of texts. Throws MeshError (exit 2) on anything else. */
export function texts(fields: Fields, field: string, place: Place): string[] {
  const at = below(place, field)
  return list(fields[field], at).map((_, index, items) =>
    text({[`${field}[${index}]`]: items[index]}, `${field}[${index}]`, place),
  )
}

/** Base64 data, decoded; undefined when missing or empty. Throws MeshError (exit 2) on text that is not base64. */
export function data(fields: Fields, field: string, place: Place): Buffer | undefined {
  const value = text(fields, field, place).replace(/[\r\n]/g, '')
  if (!value) return undefined
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value)) {
    throw usageError(`${place.file}: ${below(place, field).path} is not base64`)
  }
  return Buffer.from(value, 'base64')
}

function wrongType(value: unknown, place: Place, wanted: string): MeshError {
  const where = `${place.file}: ${place.path || 'the file'}`
  const found = Array.isArray(value) ? 'a list' : typeof value === 'object' ? 'a mapping' : `a ${typeof value}`
  if (wanted === 'text' && (typeof value === 'boolean' || typeof value === 'number')) {
    return usageError(
      `${where} is ${found} for kubectl, not text`,
      'put the value in quotes: YAML takes an unquoted y, n, yes, no, on, off, true or false as a boolean, and digits as a number',
    )
  }
  return usageError(`${where} must be ${wanted}, and is ${typeof value === 'string' ? 'text' : found}`)
}
