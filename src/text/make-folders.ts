import {mkdir, stat} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {codeOf} from './files.ts'

/**
 * Creates a folder, and the missing ones above it with the permissions of the umask. An existing folder stays as it is.
 *
 * `mkdir` of Node.js (24) with `recursive` never returns where the file system rejects new folders with ENOENT, such as `/proc`.
 *
 * @param mode of the folder itself (default: that of the umask)
 * @throws an error of the system
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  const full = resolve(path)
  if (await isMade(full, mode)) return
  await makeFolders(dirname(full))
  if (!(await isMade(full, mode))) throw noFolder(full)
}

/** @returns false if the folder above is missing, or appears to be */
async function isMade(path: string, mode: number | undefined): Promise<boolean> {
  try {
    await mkdir(path, {mode})
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST' && (await isFolder(path))) return true
    if (codeOf(error) === 'ENOENT' && dirname(path) !== path) return false
    throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path)).isDirectory()
}

function noFolder(path: string): Error {
  const details = {code: 'ENOENT', syscall: 'mkdir', path}
  return Object.assign(new Error(`ENOENT: no such file or directory, mkdir '${path}'`), details)
}
