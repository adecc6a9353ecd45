import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** A folder for the files of a target, which is removed when the process ends. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-fuzz-'))
  process.once('exit', () => rmSync(folder, {recursive: true, force: true}))
  return folder
}
