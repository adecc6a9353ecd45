import {globSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Problem} from '../../src/errors.ts'
import type {Schema, SpecOf} from '../../src/spec/field.ts'

/** Folder of the project. */
export const root = join(import.meta.dirname, '../..')

/** A schema, by the name of its export, and its cross-field validation. */
export interface NamedSchema {
  name: string
  schema: Schema
  validate: (spec: SpecOf<Schema>) => Problem[]
}

/** Every schema that a `spec*.ts` exports: `xFields`, with `validateX` if the module exports it. New ones are included. */
export const schemas: readonly NamedSchema[] = (
  await Promise.all(
    globSync('src/{features,mesh,control-plane}/**/spec*.ts', {cwd: root})
      .sort()
      .map(path => schemasOf(path)),
  )
).flat()

async function schemasOf(path: string): Promise<NamedSchema[]> {
  const module: Record<string, unknown> = await import(pathToFileURL(join(root, path)).href)
  return Object.entries(module).flatMap(([name, value]) => {
    const [, stem] = /^(\w+)Fields$/.exec(name) ?? []
    if (!stem) return []
    const validate = module[`validate${stem[0]!.toUpperCase()}${stem.slice(1)}`] ?? (() => [])
    return [{name, schema: value as Schema, validate: validate as NamedSchema['validate']}]
  })
}
