/** `npm run build` writes the bundle and the manifest. `npm run docs` also writes the generated pages. */
import {cpSync, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {make, makeDocs} from './make.ts'

const root = join(import.meta.dirname, '..')
const docs = process.argv.includes('--docs')
mkdirSync(join(root, '.tmp'), {recursive: true})
const output = mkdtempSync(join(root, '.tmp', 'build-'))
try {
  // Built in another folder and then renamed, so that the plugin stays complete for a process that runs it meanwhile.
  const commands = await make(root, output)
  if (docs) await makeDocs(root, output, commands)
  // Removing the files in place would take long enough for such a process to miss one.
  if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), join(output, 'former'))
  renameSync(join(output, 'dist'), join(root, 'dist'))
  renameSync(join(output, 'oclif.manifest.json'), join(root, 'oclif.manifest.json'))
  if (docs) {
    for (const folder of ['docs/commands', 'docs/checks', 'docs/schemas'])
      rmSync(join(root, folder), {recursive: true, force: true})
    cpSync(join(output, 'docs'), join(root, 'docs'), {recursive: true})
  }
} finally {
  rmSync(output, {recursive: true, force: true})
}
