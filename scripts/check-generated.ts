/** Part of `npm run lint`: lists generated files under version control that do not match the sources. */
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {differences} from './generated.ts'
import {make, makeDocs} from './make.ts'

const root = join(import.meta.dirname, '..')
const fresh = mkdtempSync(join(tmpdir(), 'kubectl-mesh-generated-'))
try {
  await makeDocs(root, fresh, await make(root, fresh))
  const problems = differences(root, fresh)
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  if (problems.length > 0) {
    process.stderr.write('hint: npm run docs\n')
    process.exitCode = 1
  }
} finally {
  rmSync(fresh, {recursive: true, force: true})
}
