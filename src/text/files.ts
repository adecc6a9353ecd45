import {link, mkdtemp, open, readdir, rename, rm} from 'node:fs/promises'
import {basename, dirname, join} from 'node:path'

/** Files of a folder, by name. */
export type Files = Record<string, {text: string; mode: 0o600 | 0o644 | 0o700}>

/** Codes of `rename` when something is at the target already (POSIX leaves a choice). */
const takenCodes = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EISDIR']

/** The code of a file system's error, undefined for all else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** Something is there already. */
export class TakenError extends Error {}

/**
 * Makes a folder with its files (mode 0700) at once: written beside the target, then renamed, so that a crash at any
 * point leaves the whole folder or none. Throws `TakenError` when anything but an empty folder is at the target.
 */
export async function createFolder(target: string, files: Files): Promise<void> {
  const part = await mkdtemp(`${partPrefix(target)}${process.pid}-`)
  try {
    for (const [name, file] of Object.entries(files)) await writeNew(join(part, name), file)
    await renameNew(part, target)
  } finally {
    await rm(part, {recursive: true, force: true})
  }
}

/**
 * Puts a new folder in the place of the old one. Killed between the two renames there is no folder: a later run finds
 * none and makes one. Throws `TakenError` when another process was faster.
 */
export async function replaceFolder(target: string, files: Files): Promise<void> {
  const part = await mkdtemp(`${partPrefix(target)}${process.pid}-`)
  const old = await mkdtemp(`${partPrefix(target)}${process.pid}-`)
  try {
    for (const [name, file] of Object.entries(files)) await writeNew(join(part, name), file)
    await rename(target, old).catch((error: unknown) => {
      if (codeOf(error) !== 'ENOENT') throw error
    })
    await renameNew(part, target)
  } finally {
    await rm(part, {recursive: true, force: true})
    await rm(old, {recursive: true, force: true})
  }
}

/** Writes one file of an existing folder, whole or not at all. Throws `TakenError` when it is there. */
export async function createFile(path: string, file: Files[string]): Promise<void> {
  const folder = await mkdtemp(`${partPrefix(path)}${process.pid}-`)
  const part = join(folder, basename(path))
  try {
    await writeNew(part, file)
    // unlike rename, link never replaces what is there
    await link(part, path)
  } catch (error) {
    throw codeOf(error) === 'EEXIST' ? new TakenError(path) : error
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** Writes one file of an existing folder, whole or not at all, in the place of what is there. */
export async function replaceFile(path: string, file: Files[string]): Promise<void> {
  const folder = await mkdtemp(`${partPrefix(path)}${process.pid}-`)
  try {
    await writeNew(join(folder, basename(path)), file)
    await rename(join(folder, basename(path)), path)
  } finally {
    await rm(folder, {recursive: true, force: true})
  }
}

/** Takes away what processes that are no longer there left beside the target; it may hold keys. */
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

/** `DIR/east` → `DIR/.east.part-`, followed by a process id. */
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

/** With its mode from the start, and on the disk before it gets its name. */
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
