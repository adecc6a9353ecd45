import {exitCodes, MeshError, type Problem} from '../errors.ts'
import {referencesAmong} from './context-ref.ts'
import {type Field, FieldProblem, type Raw, type Schema, type SpecOf} from './field.ts'
import {isSet, relationProblems} from './relations.ts'

/** Unvalidated input by field name, from flags, a mesh file and answers. The first source that sets a field wins. */
export type RawSpec<S extends Schema> = {[K in keyof S]?: Raw}

/**
 * Validates input and returns the Spec.
 *
 * @param validate cross-field validation that relations cannot express; called only when every field is valid
 * @throws MeshError (exit 2) that lists every problem
 */
export function readSpec<S extends Schema>(
  schema: S,
  raw: RawSpec<S>,
  validate: (spec: SpecOf<S>) => Problem[] = () => [],
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
  const spec = withReferences(schema, values) as SpecOf<S>
  if (problems.length === 0) problems.push(...relationProblems(schema, spec), ...validate(spec))
  if (problems.length > 0) throw new MeshError(problems, exitCodes.usage)
  return spec
}

/**
 * Completes the chosen names of contexts in files: with `--contexts east=./k3s.yaml`, `--network east=net-a` means that
 * context. The placeholder of a field shows whether it contains contexts.
 */
function withReferences(schema: Schema, values: Record<string, unknown>): Record<string, unknown> {
  const namesOf = (name: string) => schema[name]!.valueName ?? ''
  const lists = Object.keys(values).filter(name => namesOf(name) === 'CTX,CTX')
  const complete = referencesAmong(lists.flatMap(name => values[name] as string[]))
  const completed = Object.entries(values).map(([name, value]): [string, unknown] => {
    const form = namesOf(name)
    if (form === 'CTX,CTX') return [name, (value as string[]).map(complete)]
    if (form === 'CTX' && value !== undefined) return [name, complete(value as string)]
    if (!form.startsWith('CTX=') || typeof value !== 'object' || value === null) return [name, value]
    const map: Record<string, unknown> = Object.create(null)
    for (const [context, one] of Object.entries(value)) map[complete(context)] = one
    return [name, map]
  })
  return Object.fromEntries(completed)
}

function readField<T>(field: Field<T>, raw: Raw): T {
  return raw === undefined || raw === null ? field.fallback : field.parse(raw)
}

/** The flags that produce this Spec, one argument per element. Fields that have their default are omitted. */
export function flagsFor<S extends Schema>(schema: S, spec: SpecOf<S>): string[] {
  return Object.entries(schema).flatMap(([name, field]) =>
    spec[name] !== null && isSet(field, spec[name]) ? wordsFor(field, spec[name]) : [],
  )
}

/**
 * The flags and arguments for some input, one per element: arguments first.
 *
 * @throws FieldProblem for an invalid value
 */
export function wordsOf(schema: Schema, raw: Readonly<Record<string, Raw>>): string[] {
  const given = Object.entries(schema).filter(([name]) => raw[name] !== undefined)
  const sorted = given.sort(([, a], [, b]) => Number(b.argument ?? false) - Number(a.argument ?? false))
  return sorted.flatMap(([name, field]) => wordsFor(field, readField(field, raw[name])))
}

function wordsFor(field: Field<unknown>, value: unknown): string[] {
  const flag = `--${field.flag}`
  if (field.argument) return Array.isArray(value) ? value.map(String) : [String(value)]
  if (typeof value === 'boolean') return [value ? flag : `--no-${field.flag}`]
  if (field.format) return [field.format(value as object)].flat().flatMap(text => [flag, text])
  if (Array.isArray(value)) return [flag, value.join(',')]
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([key, text]) => [flag, `${key}=${String(text)}`])
  return [flag, String(value)]
}
