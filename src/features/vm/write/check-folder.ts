import {dirname, join, resolve} from 'node:path'
import {exitCodes, MeshError, refusedError} from '../../../errors.ts'
import {describeFileErrors} from '../../../text/file-errors.ts'
import {belongsToOther, belongsToUser, entryAt} from '../../../text/files.ts'
import {readText} from '../../../text/read-text.ts'
import {type BundleFormat, bundleFileNames} from '../bundle/files.ts'

/** Every installer of a bundle contains this text. */
const mark = 'Adds this machine to the mesh as '

/**
 * Checks, before anything is written, that a bundle can be written to a folder: no other user can read or redirect it, and
 * it contains no files of these names that are not from a bundle.
 *
 * @param name name of the VM
 * @throws MeshError (exit 3), (exit 2) for errors of the file system
 */
export async function checkBundleFolder(folder: string, name: string, format: BundleFormat): Promise<void> {
  await describeFileErrors(folder, async () => {
    await checkFolder(folder)
    await checkContents(folder, name, format)
  })
}

async function checkContents(folder: string, name: string, format: BundleFormat): Promise<void> {
  const {names, installer} = bundleFileNames(name, format)
  const found: string[] = []
  for (const file of names) if (await entryAt(join(folder, file))) found.push(join(folder, file))
  if (found.length === 0 || (await isInstaller(join(folder, installer)))) return
  throw new MeshError(
    found.map(file => ({
      message: `${file} is not from a bundle of kubectl mesh and is not overwritten`,
      hints: ['move it away, or specify a new folder with --output-dir'],
    })),
    exitCodes.refused,
  )
}

async function isInstaller(path: string): Promise<boolean> {
  return Boolean((await entryAt(path))?.isFile()) && (await readText(path)).includes(mark)
}

/**
 * Checks that no other user can read or redirect the folder of a bundle: it will contain a token, and a script for root.
 *
 * Threat: another user of this machine creates the folder first, or a link with its name, in a place that both can write to
 * (`/tmp`), and gets the token or replaces `install.sh`.
 *
 * @throws MeshError (exit 3) when the folder is a link or a file, belongs to another user, is accessible to others, or is
 *   reached through a link of another user or through a folder in which other users can rename it
 */
async function checkFolder(folder: string): Promise<void> {
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

/**
 * Links and folders of root and of the user are trusted: `/tmp` is a link on macOS. In a folder with the sticky bit, such as
 * `/tmp`, users can rename only their own entries. Write access of a group is accepted, because many systems give each user
 * a group.
 */
async function checkParents(path: string): Promise<void> {
  const found = await entryAt(path)
  const hint = 'specify a folder below your home directory with --output-dir'
  if (found && belongsToOther(found.uid))
    throw refusedError(
      `${path} is a ${found.isSymbolicLink() ? 'symbolic link' : 'folder'} of another user of this machine (UID ${found.uid}), who could replace the bundle`,
      hint,
    )
  if (found?.isDirectory() && (found.mode & 0o1002) === 0o002)
    throw refusedError(`every user of this machine can rename the entries of ${path}, and so replace the bundle`, hint)
  if (dirname(path) !== path) await checkParents(dirname(path))
}
