import {existsSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type Field, fileKeyOf} from '../src/spec/field.ts'
import {generated, page, program, table} from './markdown.ts'
import type {MeshFileKind} from './mesh-file-kinds.ts'

/** `docs/mesh-file.md`: what mesh files are, and for each kind its example and its keys. */
export function meshFilePage(root: string, kinds: readonly MeshFileKind[]): string {
  return page([
    '# Mesh files',
    generated,
    `A mesh file says with \`-f FILE\` (\`-f -\` is stdin) what flags say: one YAML document with \`apiVersion\`, \`kind\` and a
\`spec\`. Its keys are the names of the flags in camel case. A flag that is said too comes before the file, and what neither
says is found in the clusters, asked for on a terminal, or the default. A key that nobody knows is an error.`,
    'What looks like a number or a date stays the text that was written: `revision: 0755` needs no quotes.',
    ...kinds.flatMap(kind => kindParts(root, kind)),
  ])
}

function kindParts(root: string, {kind, command, schema, example}: MeshFileKind): string[] {
  const file = join(root, example)
  return [
    `## ${kind}`,
    `Read by [\`${program} ${command}\`](commands/${command.replaceAll(' ', '-')}.md).`,
    ...(existsSync(file) ? [`\`\`\`yaml\n${readFileSync(file, 'utf8')}\`\`\``] : []),
    table(
      ['key', 'value', '', 'default'],
      Object.values(schema).map(field => [`\`${fileKeyOf(field)}\``, formOf(field), field.about, fallbackOf(field)]),
    ),
  ]
}

function formOf({kind, options, valueName, fallback}: Field<unknown>): string {
  if (kind === 'switch') return '`true` or `false`'
  if (kind === 'choice') return (options ?? []).map(option => `\`${option}\``).join(', ')
  const name = valueName ? ` \`${valueName.split(',', 1)[0]}\`` : ''
  if (kind === 'text') return `a text${name}`
  return Array.isArray(fallback) ? `a list of${name || ' texts'}` : `a list of${name}, or a map`
}

function fallbackOf({fallback, fallbackText}: Field<unknown>): string {
  return fallbackText ?? (typeof fallback === 'string' ? fallback : '')
}
