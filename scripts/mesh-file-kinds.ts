import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Problem} from '../src/errors.ts'
import {meshSetFields, meshSetKind, validateMeshSet} from '../src/features/files/prune/spec.ts'
import type {Schema, SpecOf} from '../src/spec/field.ts'

/** A kind of mesh file. */
export interface MeshFileKind {
  kind: string
  /** Words of the command that reads it with `-f`. */
  command: string
  schema: Schema
  /** Cross-field validation of a Spec. */
  validate: (spec: SpecOf<Schema>) => Problem[]
  /** Path of an example file from the folder of the project. The file may not exist. */
  example: string
}

const meshSet: MeshFileKind = {
  kind: meshSetKind,
  command: 'apply',
  schema: meshSetFields,
  validate: validateMeshSet as MeshFileKind['validate'],
  example: `docs/mesh-files/${meshSetKind}.yaml`,
}

/**
 * All kinds of mesh files, sorted by name. They are found in the sources of the commands, which pass kind and schema to
 * `readMeshFile`; the one that names a set of documents belongs to no command. A module that exports a schema `xFields` may also export `validateX`.
 *
 * @param root folder of the project
 * @throws Error if a command does not import the schema that it passes
 */
export async function meshFileKinds(root: string): Promise<MeshFileKind[]> {
  const commands = globSync('src/commands/**/*.ts', {cwd: root}).sort()
  const kinds = await Promise.all(commands.map(path => kindsOf(root, path)))
  return [...kinds.flat(), meshSet].sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

async function kindsOf(root: string, path: string): Promise<MeshFileKind[]> {
  const text = readFileSync(join(root, path), 'utf8')
  const calls = [...text.matchAll(/\breadMeshFile\(\s*'(\w+)',\s*(\w+)Fields\b/g)]
  return Promise.all(
    calls.map(async ([, kind, name]) => {
      const from = new RegExp(`{[^}]*\\b${name}Fields\\b[^}]*} (?:from |= await import\\()'([^']+)'`).exec(text)?.[1]
      if (!from) throw new Error(`${path}: does not import ${name}Fields`)
      const module: Record<string, unknown> = await import(new URL(from, pathToFileURL(join(root, path))).href)
      return {
        kind: kind!,
        command: path.replace(/^src\/commands\/|(\/index)?\.ts$/g, '').replaceAll('/', ' '),
        schema: module[`${name}Fields`] as Schema,
        validate: (module[`validate${name![0]!.toUpperCase()}${name!.slice(1)}`] ??
          (() => [])) as MeshFileKind['validate'],
        example: `docs/mesh-files/${kind}.yaml`,
      }
    }),
  )
}
