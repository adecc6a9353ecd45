/** Part of `npm run lint`: tells which of the generated files that are committed are not what the sources give. */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {differences} from './generated.ts'
import {make, makeDocs} from './make.ts'

const root = join(import.meta.dirname, '..')
const made = mkdtempSync(join(tmpdir(), 'kubectl-mesh-made-'))
try {
  await make(root, made)
  await makeDocs(root, made)
  const found = differences(root, made)
  for (const line of found) process.stderr.write(`${line}\n`)
  if (found.length > 0) {
    process.stderr.write('hint: npm run docs\n')
    process.exitCode = 1
  }
} finally {
  rmSync(made, {recursive: true, force: true})
}
