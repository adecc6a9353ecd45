import {chmod, readlink} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {refusedError} from '../../errors.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {createFile, createFolder, type Files, removeLeftovers, TakenError} from '../../text/files.ts'
import {makeFolders} from '../../text/make-folders.ts'
import {shellWord} from '../../text/shell-word.ts'
import {namesIn, readIfPresent, rootFiles} from './files.ts'

/** PEM texts of a root. */
export interface RootPem {
  certificate: string
  /** Undefined if the owner of the root keeps the key elsewhere. */
  key?: string
}

/**
 * Stores a root in a CA folder, which must be empty or not exist, or contain only the key of the same root. The folder gets
 * mode 0700.
 *
 * @throws MeshError if the folder contains anything (exit 3), or cannot be written (exit 2)
 */
export async function createRootFolder(dir: string, root: RootPem): Promise<void> {
  const files: Files = {
    ...(root.key === undefined ? {} : {[rootFiles.key]: {text: root.key, mode: 0o600 as const}}),
    [rootFiles.certificate]: {text: root.certificate, mode: 0o644},
  }
  await describeFileErrors(dir, () => storeRoot(dir, files)).catch((error: unknown) => {
    throw error instanceof TakenError
      ? refusedError(
          `${dir} was created by another process at the same time`,
          'run the command again, or use another folder',
        )
      : error
  })
}

async function storeRoot(dir: string, files: Files): Promise<void> {
  const target = resolve(dir)
  await refuseDanglingLink(dir)
  await makeFolders(dirname(target))
  await removeLeftovers(target)
  if ((await namesIn(target)) === undefined) return createFolder(target, files)
  // An existing folder may be a mount or the working directory, which cannot be replaced by renaming.
  for (const name of Object.values(rootFiles)) await removeLeftovers(join(target, name))
  const hasKey = await hasSameKey(target, files)
  refuseContent(
    dir,
    ((await namesIn(target)) ?? []).filter(name => !(hasKey && name === rootFiles.key)),
  )
  await chmod(target, 0o700)
  for (const [name, file] of Object.entries(files)) {
    if (!(hasKey && name === rootFiles.key)) await createFile(join(target, name), file)
  }
}

async function hasSameKey(target: string, files: Files): Promise<boolean> {
  const key = files[rootFiles.key]
  return key !== undefined && (await readIfPresent(join(target, rootFiles.key))) === key.text
}

/** A folder could not be renamed to the path of the link, and must not appear at its target unnoticed. */
async function refuseDanglingLink(dir: string): Promise<void> {
  const link = await readlink(dir).catch(() => undefined)
  if (link === undefined || (await namesIn(dir)) !== undefined) return
  throw refusedError(
    `${dir} is a symbolic link, and its target ${link} does not exist`,
    'create the target first, or use another folder',
  )
}

/**
 * Returns the private key of a root without certificate: an earlier run was interrupted after it stored the key in an
 * existing folder. Undefined if there is none.
 *
 * @throws MeshError (exit 2) if the folder or the key cannot be read
 */
export async function readLoneKey(dir: string): Promise<string | undefined> {
  return describeFileErrors(dir, async () => {
    const names = await namesIn(dir)
    if (!names?.includes(rootFiles.key) || names.includes(rootFiles.certificate)) return undefined
    return readIfPresent(join(dir, rootFiles.key))
  })
}

function refuseContent(dir: string, names: readonly string[]): void {
  if (names.includes(rootFiles.certificate))
    throw refusedError(
      `${dir} already contains a root (${rootFiles.certificate}), which is never overwritten`,
      `to issue certificates from it: kubectl mesh ca issue --dir ${shellWord(dir)} --cluster NAME`,
    )
  if (names.includes(rootFiles.key))
    throw refusedError(
      `${dir} contains ${rootFiles.key} without ${rootFiles.certificate}: an earlier run was interrupted, or the certificate was lost`,
      `if nothing was issued with this key, remove it: rm ${shellWord(join(dir, rootFiles.key))}`,
    )
  if (names.length > 0) throw refusedError(`${dir} is not empty`, 'use a folder that is empty or does not exist')
}
