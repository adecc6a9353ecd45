import {execFileSync} from 'node:child_process'
import {copyFileSync, mkdirSync, mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

/** Creates a folder for chroot that contains only a program, as `/kubectl-mesh`, and the shared libraries that it needs. */
export function emptyRoot(program: string): {folder: string; remove(): void} {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-root-'))
  const libraries = execFileSync('ldd', [program], {encoding: 'utf8'}).matchAll(/(\/\S+) \(0x/g)
  for (const [, library] of libraries) {
    mkdirSync(join(folder, dirname(library!)), {recursive: true})
    copyFileSync(library!, join(folder, library!))
  }
  copyFileSync(program, join(folder, 'kubectl-mesh'))
  return {folder, remove: () => rmSync(folder, {recursive: true, force: true})}
}
