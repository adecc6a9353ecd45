/** A JSON value. A key with the value undefined is treated as missing. */
export type Json = string | number | boolean | null | Json[] | {[key: string]: Json | undefined}

/** Returns the value of a JSON text. Undefined for any other text. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
