import {dirname, relative, resolve, sep} from 'node:path'
import {usageError} from '../../../errors.ts'
import {findAbove} from '../../../text/files.ts'

/**
 * Returns the path of a folder in its Git repository, with slashes, '' for its root. The folder need not exist.
 *
 * @throws MeshError (exit 2) outside a repository
 */
export async function pathInRepository(folder: string): Promise<string> {
  const full = resolve(folder)
  // A file in a worktree or submodule.
  const git = await findAbove(full, '.git')
  if (git !== undefined) return relative(dirname(git), full).split(sep).join('/')
  throw usageError(
    `${folder} is not in a Git repository`,
    'specify its path from the root of the repository with --git-path',
  )
}
