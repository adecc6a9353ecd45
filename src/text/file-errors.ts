import {usageError} from '../errors.ts'
import {codeOf} from './files.ts'
import {shellWord} from './shell-word.ts'

/** Errors of the file system that the user can solve. */
const reasons: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'operation not permitted',
  ENOTDIR: 'not a folder',
  EISDIR: 'expected a file, found a folder',
  EROFS: 'read-only file system',
  ENOSPC: 'no space left',
  ENAMETOOLONG: 'name is too long',
  ELOOP: 'symbolic links form a loop',
}

/**
 * Runs `work` and describes errors of the file system.
 *
 * @param dir the folder that the user named
 * @throws MeshError (exit 2) for errors that the user can solve; other errors are unchanged
 */
export async function describeFileErrors<T>(dir: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const reason = reasons[codeOf(error) ?? '']
    if (reason === undefined) throw error
    const path = error instanceof Error && 'path' in error ? String(error.path) : dir
    // No path is longer (PATH_MAX of Linux); the message stays readable.
    throw path.length > 4096
      ? usageError(`${path.slice(0, 60)}…: ${reason} (${path.length} characters)`)
      : usageError(`${path}: ${reason}`, `check the folder: ls -la ${shellWord(dir)}`)
  }
}
