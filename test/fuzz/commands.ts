import {globSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {pathToFileURL} from 'node:url'
import type {Command} from '@oclif/core/command'
import type {CommandData} from '../../src/terminal/argv.ts'
import {root} from './schemas.ts'

const manifest: {commands: Record<string, CommandData>} = JSON.parse(
  readFileSync(join(root, 'oclif.manifest.json'), 'utf8'),
)

/** All commands, as the reader of command lines knows them. */
export const commands: readonly CommandData[] = Object.values(manifest.commands)

/** The classes of all commands, by id. */
export const classes: ReadonlyMap<string, typeof Command> = new Map(
  await Promise.all(
    globSync('src/commands/**/*.ts', {cwd: root}).map(async (path): Promise<[string, typeof Command]> => {
      const module: {default: typeof Command} = await import(pathToFileURL(join(root, path)).href)
      return [path.replace(/^src\/commands\/|(\/index)?\.ts$/g, '').replaceAll('/', ':'), module.default]
    }),
  ),
)
