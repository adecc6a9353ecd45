import {existsSync, mkdtempSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {labCache} from '../support/binaries.ts'

/** An environment in which kubectl finds programs as plugins. */
export interface PluginHome {
  /** An empty home folder. */
  home: string
  env: {PATH: string; HOME: string; KREW_ROOT: string; KUBECONFIG: undefined}
  remove(): void
}

/**
 * Creates an empty home folder and a PATH for kubectl with the given programs.
 *
 * @param programs path of each program by its name on the PATH
 */
export function pluginHome(programs: Readonly<Record<string, string>>): PluginHome {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-plugins-'))
  for (const [name, path] of Object.entries(programs)) symlinkSync(path, join(folder, name))
  const lab = labCache().bin
  const path = [join(folder, 'krew/bin'), folder, ...(existsSync(join(lab, 'kubectl')) ? [lab] : []), process.env.PATH]
  return {
    home: folder,
    env: {PATH: path.join(':'), HOME: folder, KREW_ROOT: join(folder, 'krew'), KUBECONFIG: undefined},
    remove: () => rmSync(folder, {recursive: true, force: true}),
  }
}
