import {formatSchema, schemaOf, schemaOfAll} from '../src/features/files/report-schema.ts'
import {meshKinds} from '../src/kinds/kinds.ts'

/** Returns the JSON Schemas of mesh files by path: one for each kind, and one for a document of any kind. */
export async function schemaFiles(): Promise<Record<string, string>> {
  const kinds = await Promise.all(Object.values(meshKinds).map(load => load()))
  const entries = kinds.map(kind => [`docs/schemas/${kind.kind}.json`, formatSchema(schemaOf(kind))])
  return {...Object.fromEntries(entries), 'docs/schemas/all.json': formatSchema(schemaOfAll(kinds))}
}
