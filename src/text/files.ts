import type {Stats} from 'node:fs'
import {link, lstat, mkdtemp, open, readdir, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'

/** Files of a folder by name, with their mode. */
export type Files = Record<string, {text: string; mode: 0o600 | 0o644 | 0o700}>

/** Error codes of `rename` for an existing target. POSIX allows several. */
const takenCodes = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR']

/** The code of a system error, such as `ENOENT`. Undefined for other errors. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The entry at a path, without following a link. Undefined if there is none. */
export async function entryAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}

/** Whether a user ID is that of the user who runs the command, also with sudo. Windows has no user IDs. */
export function belongsToUser(uid: number): boolean {
  if (process.getuid === undefined) return true
  return uid === process.getuid() || (process.getuid() === 0 && String(uid) === process.env.SUDO_UID)
}

/** Whether a user ID is that of another user, who is not root either. */
export function belongsToOther(uid: number): boolean {
  return uid !== 0 && !belongsToUser(uid)
}

/** The path of an entry with a name in a folder, or in the nearest one above it. Folders that do not exist or cannot be read are skipped. */
export async function findAbove(folder: string, name: string): Promise<string | undefined> {
  const path = join(folder, name)
  if (await entryAt(path).catch(() => undefined)) return path
  return dirname(folder) === folder ? undefined : findAbove(dirname(folder), name)
}

/** A file or folder with this path exists already. */
export class TakenError extends Error {}

/**
 * Creates a folder (mode 0700) with files. It is written next to the target and renamed, so that a crash leaves either the
 * complete folder or none.
 *
 * @throws TakenError if the target exists and is not an empty folder
 */
export async function createFolder(target: string, files: Files): Promise<void> {
  await withPartFolder(target, async part => {
    await writeFiles(part, files)
    await renameNew(part, target)
  })
}

/**
 * Replaces a folder, or creates it. A crash between the two renames leaves no folder, and the next run creates one.
 *
 * @throws TakenError if another process creates the folder at the same time
 */
export async function replaceFolder(target: string, files: Files): Promise<void> {
  await withPartFolder(target, async part => {
    await writeFiles(part, files)
    await withPartFolder(target, async old => {
      await rename(target, old).catch((error: unknown) => {
        if (codeOf(error) !== 'ENOENT') throw error
      })
      await renameNew(part, target)
    })
  })
}

/**
 * Creates a file in an existing folder. A crash leaves either the complete file or none.
 *
 * @throws TakenError if the file exists
 */
export async function createFile(path: string, file: Files[string]): Promise<void> {
  await withPartFolder(path, async folder => {
    const part = join(folder, basename(path))
    await writeNew(part, file)
    // Unlike rename, link never replaces an existing file.
    await link(part, path).catch((error: unknown) => {
      throw codeOf(error) === 'EEXIST' ? new TakenError(path) : error
    })
  })
}

/** Replaces a file in an existing folder, or creates it. A crash leaves either the new file or the previous state. */
export async function replaceFile(path: string, file: Files[string]): Promise<void> {
  await withPartFolder(path, async folder => {
    const part = join(folder, basename(path))
    await writeNew(part, file)
    await rename(part, path)
  })
}

/** Removes temporary folders next to a target whose processes have ended. They may contain private keys. */
export async function removeLeftovers(target: string): Promise<void> {
  const prefix = basename(partPrefix(target))
  const names = await readdir(dirname(target)).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return []
    throw error
  })
  for (const name of names) {
    if (!name.startsWith(prefix)) continue
    const pid = Number(/^\d+/.exec(name.slice(prefix.length))?.[0])
    if (pid > 0 && !isAlive(pid)) await rm(join(dirname(target), name), {recursive: true, force: true})
  }
}

/**
 * Runs an action with a temporary folder next to the target, and removes the folder afterwards. Errors of the system name a path that
 * the user knows, not the temporary one.
 */
async function withPartFolder(target: string, action: (folder: string) => Promise<void>): Promise<void> {
  const prefix = partPrefix(target)
  const folder = await mkdtemp(`${prefix}${process.pid}-`).catch((error: unknown) => {
    throw atPath(error, codeOf(error) === 'ENAMETOOLONG' ? target : dirname(target))
  })
  try {
    await action(folder)
  } catch (error) {
    const {path} = error as NodeJS.ErrnoException
    throw typeof path === 'string' && path.startsWith(prefix) ? atPath(error, target) : error
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** Returns the error with another path. Its message, which contains the path too, is only shown for unexpected errors. */
function atPath(error: unknown, path: string): unknown {
  return error instanceof Error ? Object.assign(error, {path}) : error
}

/** The path of a temporary folder without its process ID: `DIR/.east.part-` for `DIR/east`. */
function partPrefix(target: string): string {
  return join(dirname(target), `.${basename(target)}.part-`)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return codeOf(error) !== 'ESRCH'
  }
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [name, file] of Object.entries(files)) await writeNew(join(folder, name), file)
}

/** Writes a file with its mode from the start, and flushes it to the disk before it is renamed. */
async function writeNew(path: string, {text, mode}: Files[string]): Promise<void> {
  const file = await open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function renameNew(part: string, target: string): Promise<void> {
  try {
    await rename(part, target)
  } catch (error) {
    throw takenCodes.includes(codeOf(error) ?? '') ? new TakenError(target) : error
  }
}
