import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {load} from 'js-yaml'
import {describe, expect, test} from 'vitest'
import {formatSchema, type JsonSchema, schemaOf, schemaOfAll} from '../../../src/features/files/report-schema.ts'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {FieldProblem, fileKeyOf} from '../../../src/spec/field.ts'
import {loadYaml} from '../../../src/text/yaml.ts'

const root = join(import.meta.dirname, '../../..')
const kinds = await Promise.all(Object.values(meshKinds).map(one => one()))

/** Returns whether a schema accepts a value, for the keywords that our schemas contain. */
function accepts(schema: JsonSchema, value: unknown): boolean {
  const {
    type,
    const: fixed,
    enum: options,
    anyOf,
    oneOf,
    items,
    required,
    properties,
    additionalProperties,
    ...rest
  } = schema
  expect(Object.keys(rest).filter(key => !['$schema', 'title', 'description', 'default'].includes(key))).toEqual([])
  if (fixed !== undefined) return value === fixed
  if (options) return (options as unknown[]).includes(value)
  if (anyOf) return (anyOf as JsonSchema[]).some(one => accepts(one, value))
  if (oneOf) return (oneOf as JsonSchema[]).filter(one => accepts(one, value)).length === 1
  const found = Array.isArray(value) ? 'array' : typeof value
  if (![type].flat().includes(found)) return false
  if (Array.isArray(value)) return value.every(one => accepts(items as JsonSchema, one))
  if (typeof value !== 'object' || value === null) return true
  const known = (properties ?? {}) as Record<string, JsonSchema>
  const others = Object.entries(value).filter(([key]) => !Object.hasOwn(known, key))
  return (
    ((required ?? []) as string[]).every(key => key in value) &&
    Object.entries(value).every(([key, one]) => !Object.hasOwn(known, key) || accepts(known[key]!, one)) &&
    (additionalProperties === undefined ||
      others.every(([, one]) => additionalProperties !== false && accepts(additionalProperties as JsonSchema, one)))
  )
}

describe.each(kinds)('$kind', kind => {
  const schema = schemaOf(kind)
  const example = readFileSync(join(root, `docs/mesh-files/${kind.kind}.yaml`), 'utf8')

  test('accepts its example, read as YAML 1.1 and as YAML 1.2, and no unknown key', () => {
    for (const document of [loadYaml(example), load(example)] as Record<string, object>[]) {
      expect(accepts(schema, document)).toBe(true)
      expect(accepts(schemaOfAll(kinds), document)).toBe(true)
      expect(accepts(schema, {...document, spec: {...document.spec, unknownKey: 'a'}})).toBe(false)
      expect(accepts(schema, {...document, apiVersion: 'v1'})).toBe(false)
    }
  })

  test('has each field of the flags, and accepts what the field accepts', () => {
    const {properties} = (schema.properties as Record<string, {properties: Record<string, JsonSchema>}>).spec!
    const value = fc.oneof(
      fc.boolean(),
      fc.string(),
      fc.constantFrom('a', 'a=b', '80:8080', 'eu', '5m', '1', 'tcp:80'),
      fc.array(fc.constantFrom('a', 'a=b', '80:8080')),
      fc.dictionary(fc.constantFrom('a', 'eu'), fc.constantFrom('b', 'us')),
    )
    for (const field of Object.values(kind.fields)) {
      const own = properties[fileKeyOf(field)]!
      expect(own.description).toContain(field.about)
      for (const option of field.options ?? []) expect(accepts(own, option)).toBe(true)
      fc.assert(
        fc.property(value, raw => {
          try {
            field.parse(raw)
          } catch (error) {
            if (error instanceof FieldProblem) return
            throw error
          }
          expect(accepts(own, raw)).toBe(true)
        }),
        {numRuns: 50},
      )
    }
  })

  test('is the published schema, which the example names', () => {
    expect(example).toContain(`# yaml-language-server: $schema=../schemas/${kind.kind}.json\n`)
    expect(readFileSync(join(root, `docs/schemas/${kind.kind}.json`), 'utf8')).toBe(formatSchema(schema))
  })
})
