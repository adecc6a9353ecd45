/** A JSON value. A key with the value undefined is treated as missing. */
export type Json = string | number | boolean | null | Json[] | {[key: string]: Json | undefined}

/** Returns whether a value of JSON or YAML is a map, and not a list. */
export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Returns the value of a JSON text. Undefined for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
