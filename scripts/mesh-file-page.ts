import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Field, fileKeyOf, type Schema} from '../src/spec/field.ts'
import {relationText} from '../src/spec/relations.ts'
import {generated, page, program, table} from './markdown.ts'
import type {MeshFileKind} from './mesh-file-kinds.ts'

const introduction = `A mesh file contains YAML documents that set the same values as flags. Pass a file with one document to its command with
\`-f FILE\`, or with \`-f -\` to read it from stdin. A document contains \`apiVersion\`, \`kind\`, \`metadata\` and \`spec\`. The keys of
\`spec\` are the names of the flags in camel case; an unknown key is an error. A flag takes precedence over the file. A value that neither
sets is read from the clusters, prompted for on a terminal, or set to its default.`

const frame = `\`metadata.name\` is the name of the object of a kind that has one, such as a tenant, so that \`spec.name\` can be omitted. Documents of
other kinds use it to distinguish them. \`spec.context\` is the kubeconfig context of a document for one cluster; \`--context\` takes precedence.
Paths are relative to the current folder.`

const validation = `[\`kubectl mesh validate\`](commands/validate.md) checks files and folders with any number of documents, without a cluster. It reports each
problem with file, line and column, and rejects files that contain a private key or a token, and two documents for the same object.
[The whole mesh in files](recipes/files.md) shows how to plan and apply them together.

Every kind has a JSON Schema in \`docs/schemas\`, which [\`kubectl mesh schema\`](commands/schema.md) prints. Editors with the YAML language server
complete and check a document that begins with \`# yaml-language-server: $schema=\` and the path of the schema.`

const quoting =
  'Values that look like numbers or dates stay strings: `revision: 0755` needs no quotes. Only `true`, `false` and `null` are converted.'

/**
 * Renders `docs/mesh-file.md`: an introduction, then an example and the keys of each kind.
 *
 * @param root folder of the project, with the examples
 */
export function meshFilePage(root: string, kinds: readonly MeshFileKind[]): string {
  return page([
    '# Mesh files',
    generated,
    introduction,
    frame,
    quoting,
    validation,
    ...kinds.flatMap(kind => kindSection(root, kind)),
  ])
}

function kindSection(root: string, {kind, command, schema, example}: MeshFileKind): string[] {
  const file = join(root, example)
  return [
    `## ${kind}`,
    `Used by [\`${program} ${command}\`](commands/${command.replaceAll(' ', '-')}.md).`,
    ...(existsSync(file) ? [`\`\`\`yaml\n${readFileSync(file, 'utf8')}\`\`\``] : []),
    table(
      ['key', 'value', '', 'default'],
      Object.values(schema).map(field => [
        `\`${fileKeyOf(field)}\``,
        typeOf(field),
        aboutOf(field, schema),
        fallbackOf(field),
      ]),
    ),
  ]
}

function aboutOf(field: Field<unknown>, schema: Schema): string {
  const relation = relationText(field, schema)
  return relation === '' ? field.about : `${field.about} (${relation})`
}

function typeOf({kind, options, valueName, fallback, schema}: Field<unknown>): string {
  if (schema?.type === 'object') return 'map'
  if (kind === 'switch') return '`true` or `false`'
  if (kind === 'choice') return (options ?? []).map(option => `\`${option}\``).join(', ')
  const name = valueName ? ` \`${valueName.split(',', 1)[0]}\`` : ''
  if (kind === 'text') return `string${name}`
  return Array.isArray(fallback) ? `list of${name || ' strings'}` : `list of${name}, or a map`
}

function fallbackOf({fallback, fallbackText}: Field<unknown>): string {
  return fallbackText ?? (typeof fallback === 'string' ? fallback : '')
}
