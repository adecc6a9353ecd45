import {type DocumentKind, isForOneCluster, meshFileVersion, nameFieldOf} from '../../spec/documents/kind.ts'
import {type Field, FieldProblem, fileKeyOf, type Raw} from '../../spec/field.ts'
import {relationText} from '../../spec/relations.ts'

/** A JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The version that the YAML language server supports best, and all validators support. */
const dialect = 'http://json-schema.org/draft-07/schema#'

/** A text. Editors read `8080` and `0755` as numbers; the reader of mesh files keeps them as texts. */
const text: JsonSchema = {type: ['string', 'number']}

/** Returns the JSON Schema (draft 7) of one kind of document. It describes keys and types; the fields validate the values. */
export function schemaOf(kind: DocumentKind): JsonSchema {
  return {$schema: dialect, title: kind.kind, ...documentSchema(kind)}
}

/** Returns the JSON Schema (draft 7) of a document of any kind. */
export function schemaOfAll(kinds: readonly DocumentKind[]): JsonSchema {
  return {$schema: dialect, title: 'mesh file', oneOf: kinds.map(kind => ({title: kind.kind, ...documentSchema(kind)}))}
}

function documentSchema({kind, fields}: DocumentKind): JsonSchema {
  const context = {type: 'string', description: 'kubeconfig context of the cluster', default: 'current context'}
  const entries = Object.values(fields).map(field => [fileKeyOf(field), fieldSchema(field, fields)])
  return {
    type: 'object',
    required: ['apiVersion', 'kind'],
    additionalProperties: false,
    properties: {
      apiVersion: {const: meshFileVersion},
      kind: {const: kind},
      metadata: metadataSchema(nameFieldOf(fields) === undefined),
      spec: {
        type: 'object',
        additionalProperties: false,
        properties: {...(isForOneCluster(fields) ? {context} : {}), ...Object.fromEntries(entries)},
      },
    },
  }
}

function metadataSchema(isLabel: boolean): JsonSchema {
  const strings = {type: 'object', additionalProperties: {type: 'string'}}
  const about = isLabel ? 'distinguishes documents of one kind' : 'name of the object; spec.name can be omitted'
  return {
    type: 'object',
    additionalProperties: false,
    properties: {name: {type: 'string', description: about}, labels: strings, annotations: strings},
  }
}

function fieldSchema(field: Field<unknown>, fields: DocumentKind['fields']): JsonSchema {
  const relation = relationText(field, fields)
  const fallback = field.fallbackText ?? (typeof field.fallback === 'string' ? field.fallback : undefined)
  return {
    ...(field.schema ?? typeOf(field)),
    description: relation === '' ? field.about : `${field.about} (${relation})`,
    ...(fallback === undefined ? {} : {default: fallback}),
  }
}

function typeOf(field: Field<unknown>): JsonSchema {
  switch (field.kind) {
    case 'switch':
      return {type: 'boolean'}
    case 'choice':
      return {enum: field.options ?? []}
    case 'text':
      return text
    case 'list':
      return {anyOf: [text, {type: 'array', items: text}, ...(acceptsMap(field) ? [{type: 'object'}] : [])]}
  }
}

/** Only the function that parses a list knows whether it also accepts a map. */
function acceptsMap(field: Field<unknown>): boolean {
  try {
    field.parse({} satisfies Raw)
    return true
  } catch (error) {
    if (error instanceof FieldProblem) return false
    throw error
  }
}

/** Returns the text of a schema. */
export function formatSchema(schema: JsonSchema): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
