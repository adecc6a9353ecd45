import {fileKeyOf, type Raw, type Schema} from '../field.ts'
import {isForOneCluster, nameFieldOf} from './kind.ts'
import {type ParsedDocument, unknownKey} from './parse.ts'
import type {DocumentProblem} from './problem.ts'

/** The input of a document, by field name. */
export interface DocumentInput {
  raw: Record<string, Raw>
  /** `spec.context` of a document for one cluster. */
  context: string | undefined
}

/** Returns the input of a document, with `metadata.name` as its name, and its problems. */
export function readInput(document: ParsedDocument, fields: Schema): DocumentInput & {problems: DocumentProblem[]} {
  const {input, file, yaml} = document
  const byKey = new Map(Object.entries(fields).map(([field, {flag}]) => [fileKeyOf({flag}), field]))
  const known = [...(isForOneCluster(fields) ? ['context'] : []), ...byKey.keys()]
  const unknown: DocumentProblem[] = Object.keys(input)
    .filter(key => !known.includes(key))
    .map(key => {
      const [message, ...hints] = unknownKey(key, known, 'spec.')
      return {file, ...yaml.positionOf(['spec', key]), message, hints}
    })
  const raw: Record<string, Raw> = Object.fromEntries(
    [...byKey].flatMap(([key, field]) => (Object.hasOwn(input, key) ? [[field, input[key] as Raw]] : [])),
  )
  const named = withName(document, fields, raw)
  const {context, problems} = isForOneCluster(fields) ? readContext(document) : {context: undefined, problems: []}
  return {raw: named.raw, context, problems: [...unknown, ...named.problems, ...problems]}
}

function withName({kind, name, file, yaml}: ParsedDocument, fields: Schema, raw: Record<string, Raw>) {
  const field = nameFieldOf(fields)
  if (field === undefined || name === undefined || isExcluded(field, fields, raw)) return {raw, problems: []}
  if (raw[field] === undefined || raw[field] === null) return {raw: {...raw, [field]: name}, problems: []}
  if (raw[field] === name) return {raw, problems: []}
  const message = `spec.name differs from metadata.name, which is ${name}`
  const hints = [`remove one of them: metadata.name is the name of the ${kind}`]
  return {raw, problems: [{file, ...yaml.positionOf(['spec', 'name']), message, hints}]}
}

/** Whether the document selects its objects in another way than by name: with `spec.selector` or `spec.all`. */
function isExcluded(named: string, fields: Schema, raw: Readonly<Record<string, Raw>>): boolean {
  return Object.entries(fields).some(([field, {excludes}]) => excludes?.includes(named) && field in raw)
}

function readContext({input: {context}, file, yaml}: ParsedDocument) {
  if (context === undefined || context === null) return {context: undefined, problems: []}
  if (typeof context === 'string' && context !== '') return {context, problems: []}
  const place = yaml.positionOf(['spec', 'context'])
  const message = 'spec.context must be the name of a context'
  return {context: undefined, problems: [{file, ...place, message}]}
}
