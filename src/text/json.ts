/** A JSON value. A key with the value undefined is treated as missing. */
export type Json = string | number | boolean | null | Json[] | {[key: string]: Json | undefined}
