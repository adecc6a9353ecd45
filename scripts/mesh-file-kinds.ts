import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Problem} from '../src/errors.ts'
import type {Schema, SpecOf} from '../src/spec/field.ts'

/** A kind of mesh file. */
export interface MeshFileKind {
  kind: string
  /** Words of the command that reads it with `-f`. */
  command: string
  schema: Schema
  /** What is wrong with a whole Spec. */
  problems: (spec: SpecOf<Schema>) => Problem[]
  /** A file of this kind, from the project's folder. It may not be there. */
  example: string
}

/**
 * All kinds of mesh file, found in the commands: each says its kind and its schema to `readMeshFile`, and the module of the
 * schema `xFields` has `xProblems` too.
 *
 * @param root folder of the project
 */
export async function meshFileKinds(root: string): Promise<MeshFileKind[]> {
  const commands = globSync('src/commands/**/*.ts', {cwd: root}).sort()
  const kinds = await Promise.all(commands.map(path => kindsOf(root, path)))
  return kinds.flat().sort((a, b) => (a.kind < b.kind ? -1 : 1))
}

async function kindsOf(root: string, path: string): Promise<MeshFileKind[]> {
  const text = readFileSync(join(root, path), 'utf8')
  const read = [...text.matchAll(/\breadMeshFile\(\s*'(\w+)',\s*(\w+)Fields\b/g)]
  return Promise.all(
    read.map(async ([, kind, name]) => {
      const from = new RegExp(`import {[^}]*\\b${name}Fields\\b[^}]*} from '([^']+)'`).exec(text)?.[1]
      if (!from) throw new Error(`${path}: does not import ${name}Fields`)
      const module: Record<string, unknown> = await import(new URL(from, pathToFileURL(join(root, path))).href)
      return {
        kind: kind!,
        command: path.replace(/^src\/commands\/|(\/index)?\.ts$/g, '').replaceAll('/', ' '),
        schema: module[`${name}Fields`] as Schema,
        problems: module[`${name}Problems`] as MeshFileKind['problems'],
        example: `docs/mesh-files/${kind}.yaml`,
      }
    }),
  )
}
