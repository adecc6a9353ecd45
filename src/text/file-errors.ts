import {existsSync} from 'node:fs'
import {dirname} from 'node:path'
import {MeshError, messageOf, type Problem, usageError} from '../errors.ts'
import {codeOf} from './files.ts'
import {shellWord} from './shell-word.ts'

/** Errors of the file system that the user can solve. */
const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or folder',
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
 * Returns why a file cannot be read or written, in words that follow its path: `no such file`.
 *
 * @param other the reason for an error that has no such text
 */
export function fileReason(error: unknown, other = messageOf(error)): string {
  return codeOf(error) === 'ENOENT' ? 'no such file' : (reasons[codeOf(error) ?? ''] ?? other)
}

/**
 * Describes why a file that the user named cannot be read.
 *
 * @param file path, `-` for stdin
 * @throws the error itself if it is neither of the operating system nor a MeshError
 */
export function readProblems(error: unknown, file: string): Problem[] {
  if (error instanceof MeshError) return error.problems
  if (codeOf(error) === undefined) throw error
  const path = pathIn(error) ?? (file === '-' ? 'stdin' : file)
  return [{message: `cannot read ${shortPath(path)}: ${fileReason(error)}`, hints: hintsFor(path, codeOf(error)!)}]
}

/**
 * Returns a rejection handler for reading a file that the user named: `readText(file).catch(cannotRead(file))`.
 *
 * @param file path, `-` for stdin
 * @throws MeshError (exit 2): `cannot read FILE: no such file`; other errors are unchanged
 */
export function cannotRead(file: string): (error: unknown) => never {
  return error => {
    if (error instanceof MeshError) throw error
    const [problem] = readProblems(error, file)
    throw usageError(problem!.message, ...(problem!.hints ?? []))
  }
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
    const path = pathIn(error) ?? dir
    throw usageError(
      `${shortPath(path)}: ${reason}`,
      ...(path.length > maxPath ? [] : [`check the folder: ls -la ${shellWord(existing(dir))}`]),
    )
  }
}

function pathIn(error: unknown): string | undefined {
  return error instanceof Error && 'path' in error && typeof error.path === 'string' ? error.path : undefined
}

/** No path is longer (PATH_MAX of Linux); the message stays readable. */
const maxPath = 4096

function shortPath(path: string): string {
  return path.length > maxPath ? `${path.slice(0, 60)}… (${path.length} characters)` : path
}

function hintsFor(path: string, code: string): string[] {
  if (code === 'EISDIR') return [`name one of its files: ls ${shellWord(path)}`]
  return ['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP'].includes(code)
    ? [`check the path: ls -la ${shellWord(existing(dirname(path)))}`]
    : []
}

/** The path, or the nearest folder above it that exists. */
function existing(path: string): string {
  const parent = dirname(path)
  return parent === path || existsSync(path) ? path : existing(parent)
}
