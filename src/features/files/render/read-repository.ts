import {dirname, join, relative, resolve, sep} from 'node:path'
import {usageError} from '../../../errors.ts'
import {entryAt} from '../../../text/files.ts'

/**
 * Returns the path of a folder in its Git repository, with slashes, '' for its root. The folder need not exist.
 *
 * @throws MeshError (exit 2) outside a repository
 */
export async function pathInRepository(folder: string): Promise<string> {
  const full = resolve(folder)
  for (let root = full; ; root = dirname(root)) {
    // A file in a worktree or submodule.
    if (await entryAt(join(root, '.git')).catch(() => undefined)) return relative(root, full).split(sep).join('/')
    if (dirname(root) === root)
      throw usageError(
        `${folder} is not in a Git repository`,
        'specify its path from the root of the repository with --git-path',
      )
  }
}
