import type {ExportedDocument} from '../../../mesh/exported/exported.ts'
import {meshFileVersion, nameFieldOf} from '../../../spec/documents/kind.ts'
import {type Field, FieldProblem, fileKeyOf, type Raw, type Schema} from '../../../spec/field.ts'
import {isSet} from '../../../spec/relations.ts'
import {dnsName} from '../../../spec/texts.ts'
import {escapeForTerminal} from '../../../text/escape-terminal.ts'
import {dumpYaml} from '../../../text/yaml.ts'

/** A document as a mesh file contains it, with what it lacks. */
export interface FileDocument {
  kind: string
  /** `metadata.name`, if it has one. */
  name: string | undefined
  spec: Readonly<Record<string, Raw>>
  gaps: readonly string[]
}

/**
 * Returns a document in its canonical form: keys in the order of the fields, without values that are the default.
 *
 * @param fields of its kind
 */
export function fileDocument(kind: string, fields: Schema, exported: ExportedDocument): FileDocument {
  const {context, raw, gaps = []} = exported
  const nameField = nameFieldOf(fields)
  const named = nameField === undefined ? exported.name : asText(raw[nameField])
  const isName = named !== undefined && dnsName(named) === undefined
  const values = Object.entries(fields).flatMap(([name, field]): [string, Raw][] => {
    if (name === nameField && isName) return []
    const value = canonical(field, raw[name])
    return value === undefined ? [] : [[fileKeyOf(field), value]]
  })
  return {
    kind,
    name: isName ? named : undefined,
    spec: Object.fromEntries([...(context === undefined ? [] : [['context', context] as const]), ...values]),
    gaps,
  }
}

function asText(raw: Raw): string | undefined {
  return typeof raw === 'string' ? raw : undefined
}

/** Returns the value of a field in the form of a file. Undefined for its default. A value of a newer version is kept. */
function canonical(field: Field<unknown>, raw: Raw): Raw {
  if (raw === undefined || raw === null) return undefined
  try {
    const value = field.parse(raw)
    if (!isSet(field, value)) return undefined
    return field.format ? (field.format(value as object) as Raw) : (value as Raw)
  } catch (error) {
    if (error instanceof FieldProblem) return raw
    throw error
  }
}

/** The first line of a file that `mesh export` has written, and may replace. */
export const exportMark = '# Written by kubectl mesh export.'

/** Returns documents as YAML. What a document lacks is a comment above it. */
export function formatDocuments(documents: readonly FileDocument[]): string {
  const texts = documents.map(({kind, name, spec, gaps}) => {
    const metadata = name === undefined ? {} : {metadata: {name}}
    // Names of clusters and hosts come from the cluster. A line break would end the comment.
    const comments = gaps.map(gap => `# not exported: ${escapeForTerminal(gap).replaceAll('\n', ' ')}\n`)
    return `${comments.join('')}${dumpYaml({apiVersion: meshFileVersion, kind, ...metadata, spec})}`
  })
  return `${exportMark}\n${texts.join('---\n')}`
}

/** Returns a warning for what each document lacks. */
export function gapLines(documents: readonly FileDocument[]): string[] {
  return documents.flatMap(({kind, name, spec, gaps}) => {
    const title = [kind, ...(name === undefined ? [] : [name])].join(' ')
    const place = typeof spec.context === 'string' ? ` (${spec.context})` : ''
    return gaps.map(gap => `warning: ${title}${place}: not exported: ${gap}`)
  })
}
