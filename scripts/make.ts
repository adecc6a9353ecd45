import {execFileSync, spawnSync} from 'node:child_process'
import {copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import type {BuildInfo} from '../src/features/version/version.ts'
import {packKnown} from '../src/terminal/completion/packed.ts'
import {bundle} from './bundle/bundle.ts'
import {thirdPartyText} from './bundle/third-party.ts'
import {checkPages, readChecks} from './check-pages.ts'
import {addFlagTexts, type Manifest, type ManifestCommand, type Topics} from './command-data.ts'
import {commandPages} from './command-pages.ts'
import {meshFileKinds} from './mesh-file-kinds.ts'
import {meshFilePage} from './mesh-file-page.ts'
import {schemaFiles} from './schema-files.ts'

/**
 * Builds `dist/` (the bundle and the data of completion) and `oclif.manifest.json`. Equal sources give equal bytes.
 *
 * @param root folder of the project
 * @param into an empty folder
 * @returns the commands, with separate flag texts
 * @throws Error if the sources cannot be bundled, or oclif cannot load a command
 */
export async function make(root: string, into: string): Promise<ManifestCommand[]> {
  const metadata = await bundle({root, outdir: join(into, 'dist')})
  writeFileSync(join(into, 'dist/third-party-licenses.txt'), thirdPartyText(root, metadata))
  writeBuildInfo(root, join(into, 'dist/build.json'))
  copyFileSync(join(root, 'package.json'), join(into, 'package.json'))
  const manifest = createManifest(into)
  writeFileSync(join(into, 'oclif.manifest.json'), `${JSON.stringify(manifest)}\n`)
  const commands = await addFlagTexts(Object.values(manifest.commands), into)
  writeFileSync(join(into, 'dist/completion.json'), JSON.stringify(packKnown({commands, topics: topicsOf(root)})))
  return commands
}

/**
 * Writes `docs/commands/`, `docs/checks/`, `docs/schemas/` and `docs/mesh-file.md`.
 *
 * @param root folder of the project
 * @param into folder to write into
 * @param commands the result of `make`
 */
export async function makeDocs(root: string, into: string, commands: readonly ManifestCommand[]): Promise<void> {
  const pages = {
    ...commandPages(commands, topicsOf(root)),
    ...checkPages(await readChecks(root)),
    'docs/mesh-file.md': meshFilePage(root, await meshFileKinds(root)),
    ...(await schemaFiles()),
  }
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(into, path)), {recursive: true})
    writeFileSync(join(into, path), text)
  }
}

function topicsOf(root: string): Topics {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).oclif.topics
}

/** Writes the commit and its date, which `version` shows. Without a Git checkout it writes nothing. */
function writeBuildInfo(root: string, file: string): void {
  // Git would also find a checkout that only contains this folder.
  if (!existsSync(join(root, '.git'))) return
  const {status, stdout} = spawnSync('git', ['log', '-1', '--format=%H %cI'], {cwd: root, encoding: 'utf8'})
  if (status !== 0) return
  const [gitCommit, date] = stdout.trim().split(' ')
  const info: BuildInfo = {gitCommit: gitCommit!, commitDate: new Date(date!).toISOString()}
  writeFileSync(file, `${JSON.stringify(info)}\n`)
}

/** Creates oclif's manifest for a folder with `dist/` and package.json, sorted by command. */
function createManifest(folder: string): Manifest {
  execFileSync(process.execPath, [fileURLToPath(import.meta.resolve('oclif/bin/run.js')), 'manifest'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    // In test or development, oclif would load the sources instead.
    env: {...process.env, NODE_ENV: 'production'},
  })
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'oclif.manifest.json'), 'utf8'))
  const commands = Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  return {...manifest, commands: Object.fromEntries(commands)}
}
