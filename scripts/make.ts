import {execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {packKnown} from '../src/terminal/completion/packed.ts'
import {bundle} from './bundle.ts'
import {commandPages, type Manifest, type Topics} from './command-pages.ts'
import {meshFileKinds} from './mesh-file-kinds.ts'
import {meshFilePage} from './mesh-file-page.ts'

/**
 * Makes what the program needs beside its sources, in an empty folder: `dist/` (with the bundle and what completion reads)
 * and `oclif.manifest.json`. The same sources give the same bytes.
 *
 * Throws when the sources can't be bundled, or when oclif can't load a command.
 */
export async function make(root: string, into: string): Promise<void> {
  await bundle({root, outdir: join(into, 'dist')})
  copyFileSync(join(root, 'package.json'), join(into, 'package.json'))
  const manifest = makeManifest(into)
  writeFileSync(join(into, 'oclif.manifest.json'), `${JSON.stringify(manifest)}\n`)
  const known = {commands: Object.values(manifest.commands), topics: topicsOf(root)}
  writeFileSync(join(into, 'dist/completion.json'), JSON.stringify(packKnown(known)))
}

/** Makes `docs/commands/` and `docs/mesh-file.md` in a folder in which `make` was. */
export async function makeDocs(root: string, into: string): Promise<void> {
  const manifest: Manifest = JSON.parse(readFileSync(join(into, 'oclif.manifest.json'), 'utf8'))
  const pages = {
    ...commandPages(manifest, topicsOf(root)),
    'docs/mesh-file.md': meshFilePage(root, await meshFileKinds(root)),
  }
  for (const [path, text] of Object.entries(pages)) {
    mkdirSync(dirname(join(into, path)), {recursive: true})
    writeFileSync(join(into, path), text)
  }
}

function topicsOf(root: string): Topics {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')).oclif.topics
}

/** oclif's manifest of a folder with `dist/` and package.json, in an order that does not depend on the disk. */
function makeManifest(folder: string): Manifest {
  execFileSync(process.execPath, [fileURLToPath(import.meta.resolve('oclif/bin/run.js')), 'manifest'], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    // In test or development oclif would look for the sources.
    env: {...process.env, NODE_ENV: 'production'},
  })
  const manifest: Manifest = JSON.parse(readFileSync(join(folder, 'oclif.manifest.json'), 'utf8'))
  const commands = Object.entries(manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1))
  return {...manifest, commands: Object.fromEntries(commands)}
}
