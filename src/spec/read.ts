import {exitCodes, MeshError, type Problem} from '../errors.ts'
import {type Field, FieldProblem, type Raw, type Schema, type SpecOf} from './field.ts'

/** What was said, by the names of the schema's fields; from flags, a mesh file and answers, the first of these that says it. */
export type RawSpec<S extends Schema> = {[K in keyof S]?: Raw}

/**
 * Checks what was said and gives the Spec, or one error (exit 2) with all that is wrong.
 *
 * `further` adds what one field alone can't tell: it sees the Spec only when every field by itself is right.
 */
export function readSpec<S extends Schema>(
  schema: S,
  raw: RawSpec<S>,
  further: (spec: SpecOf<S>) => Problem[] = () => [],
): SpecOf<S> {
  const problems: Problem[] = []
  const values: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(schema)) {
    try {
      values[name] = readField(field, raw[name])
    } catch (error) {
      if (!(error instanceof FieldProblem)) throw error
      problems.push({message: `${field.argument ? field.flag.toUpperCase() : `--${field.flag}`} ${error.message}`})
    }
  }
  const spec = values as SpecOf<S>
  if (problems.length === 0) problems.push(...further(spec))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  return spec
}

function readField<T>(field: Field<T>, raw: Raw): T {
  return raw === undefined || raw === null ? field.fallback : field.parse(raw)
}

/** The flags that say this Spec, without those that say what is the default anyway: for `Next time without questions`. */
export function flagsFor<S extends Schema>(schema: S, spec: SpecOf<S>): string[] {
  return Object.entries(schema).flatMap(([name, field]) => {
    const value: unknown = spec[name]
    if (value === undefined || value === null || JSON.stringify(value) === JSON.stringify(field.fallback)) return []
    if (field.argument) return Array.isArray(value) ? value.map(String) : [String(value)]
    if (typeof value === 'boolean') return [value ? `--${field.flag}` : `--no-${field.flag}`]
    if (field.format) return [field.format(value)].flat().flatMap(text => [`--${field.flag}`, text])
    if (Array.isArray(value)) return [`--${field.flag}`, value.join(',')]
    if (typeof value === 'object')
      return Object.entries(value).flatMap(([key, text]) => [`--${field.flag}`, `${key}=${String(text)}`])
    return [`--${field.flag}`, String(value)]
  })
}

/** Quotes one word for a POSIX shell, where it needs it. */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}
