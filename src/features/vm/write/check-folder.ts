import type {Stats} from 'node:fs'
import {lstat} from 'node:fs/promises'
import {dirname, resolve} from 'node:path'
import {refusedError} from '../../../errors.ts'
import {codeOf} from '../../../text/files.ts'

/**
 * Checks, before anything is written, that no other user can read or redirect the folder of a bundle: it will contain a token.
 *
 * Threat: another user of this machine creates the folder first, or a link with its name, in a place that both can write to
 * (`/tmp`), and gets the token or replaces `install.sh`.
 *
 * @throws MeshError (exit 3) when the folder is a link or a file, belongs to another user, is accessible to others, or is
 *   reached through a link of another user
 */
export async function checkFolder(folder: string): Promise<void> {
  await checkParents(dirname(resolve(folder)))
  const found = await entryAt(folder.replace(/(?<=.)\/+$/, ''))
  if (!found) return
  if (found.isSymbolicLink())
    throw refusedError(`${folder} is a symbolic link; expected a folder`, 'specify its target with --output-dir')
  if (!found.isDirectory()) throw refusedError(`${folder} is not a folder`, 'specify a folder with --output-dir')
  if (!belongsToUser(found.uid))
    throw refusedError(
      `${folder} belongs to another user of this machine (UID ${found.uid}), and will contain a token`,
      'specify a new folder with --output-dir',
    )
  if ((found.mode & 0o077) !== 0)
    throw refusedError(
      `other users of this machine have access to ${folder}, which will contain a token`,
      `chmod 700 ${folder}`,
      'or specify a new folder with --output-dir',
    )
}

/** Links of root and of the user are trusted: `/tmp` is one on macOS. */
async function checkParents(path: string): Promise<void> {
  const found = await entryAt(path)
  if (found?.isSymbolicLink() && found.uid !== 0 && !belongsToUser(found.uid))
    throw refusedError(
      `${path} is a symbolic link of another user of this machine (UID ${found.uid})`,
      'specify another folder with --output-dir',
    )
  if (dirname(path) !== path) await checkParents(dirname(path))
}

/** Windows has no user IDs. */
function belongsToUser(uid: number): boolean {
  return process.getuid === undefined || uid === process.getuid()
}

/** The entry itself, not the target of a link. Undefined when it does not exist. */
async function entryAt(path: string): Promise<Stats | undefined> {
  return lstat(path).catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw error
  })
}
