/** `npm run build`: the bundle and the manifest. `npm run docs`: the pages too. */
import {cpSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {make, makeDocs} from './make.ts'

const root = join(import.meta.dirname, '..')
const docs = process.argv.includes('--docs')
mkdirSync(join(root, '.tmp'), {recursive: true})
const made = mkdtempSync(join(root, '.tmp', 'build-'))
try {
  // Made aside, so that whoever runs the plugin meanwhile finds all of it.
  await make(root, made)
  if (docs) await makeDocs(root, made)
  rmSync(join(root, 'dist'), {recursive: true, force: true})
  renameSync(join(made, 'dist'), join(root, 'dist'))
  renameSync(join(made, 'oclif.manifest.json'), join(root, 'oclif.manifest.json'))
  if (docs) {
    rmSync(join(root, 'docs/commands'), {recursive: true, force: true})
    cpSync(join(made, 'docs'), join(root, 'docs'), {recursive: true})
  }
} finally {
  rmSync(made, {recursive: true, force: true})
}
