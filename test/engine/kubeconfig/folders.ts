import {mkdirSync, mkdtempSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'

/** Temporary folder of the worker. `test/support/global-setup-unit.ts` removes it after the unit tests. */
export const root = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'))

let folders = 0
/** Creates a folder with files. A content that is not text is written as JSON. */
export function folderWith(files: Record<string, string | object>): string {
  const folder = join(root, String(folders++))
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true})
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

/** Returns an environment whose KUBECONFIG lists files of a folder, and whose home has no kubeconfig. */
export function kubeconfigEnv(folder: string, names: string[]): NodeJS.ProcessEnv {
  return {...process.env, HOME: join(root, 'no-home'), KUBECONFIG: names.map(name => join(folder, name)).join(':')}
}
