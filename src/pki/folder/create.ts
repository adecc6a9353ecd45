import {chmod, mkdir} from 'node:fs/promises'
import {dirname, join, resolve} from 'node:path'
import {refusedError} from '../../errors.ts'
import {createFile, createFolder, type Files, removeLeftovers, TakenError} from '../../text/files.ts'
import {shellWord} from '../../text/shell-word.ts'
import {describeFileErrors, namesIn, rootFiles} from './files.ts'

/** PEM texts of a root. */
export interface RootPem {
  certificate: string
  /** Undefined if the owner of the root keeps the key elsewhere. */
  key?: string
}

/**
 * Stores a root in a CA folder, which must be empty or not exist. The folder gets mode 0700.
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
  await mkdir(dirname(target), {recursive: true})
  await removeLeftovers(target)
  if ((await namesIn(target)) === undefined) return createFolder(target, files)
  // An existing folder may be a mount or the working directory, which cannot be replaced by renaming.
  for (const name of Object.values(rootFiles)) await removeLeftovers(join(target, name))
  refuseContent(dir, (await namesIn(target)) ?? [])
  await chmod(target, 0o700)
  for (const [name, file] of Object.entries(files)) await createFile(join(target, name), file)
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
