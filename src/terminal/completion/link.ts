import {readlink, symlink} from 'node:fs/promises'
import {isAbsolute, join, resolve} from 'node:path'
import {isSea} from 'node:sea'
import {messageOf, refusedError} from '../../errors.ts'
import {fileReason} from '../../text/file-errors.ts'
import {entryAt} from '../../text/files.ts'
import {makeFolders} from '../../text/make-folders.ts'
import {shellWord} from '../../text/shell-word.ts'

/** The program that kubectl 1.26 and later runs to complete `kubectl mesh`. */
export const completionName = 'kubectl_complete-mesh'

/**
 * The program that answers completions, for the target of a link. The executable answers if its name is `kubectl_complete-mesh`.
 * Its path is the one that kubectl found: a link to it remains valid after an upgrade by krew or Homebrew, which replaces
 * the file behind it.
 *
 * @param root folder of the package
 */
export function completionProgram(root: string): string {
  if (!isSea()) return join(root, 'bin', 'complete.js')
  return isAbsolute(process.argv0) ? process.argv0 : process.execPath
}

/**
 * Creates the symlink `kubectl_complete-mesh` in a folder, which is created if it does not exist.
 *
 * @param program the target of the link
 * @returns the link, and whether it is new
 * @throws MeshError (exit 3) if another file of that name exists or the link cannot be created
 */
export async function linkCompletion(program: string, folder: string): Promise<{link: string; isNew: boolean}> {
  const link = join(resolve(folder), completionName)
  try {
    const existing = await entryAt(link)
    if (existing?.isSymbolicLink() && resolve(folder, await readlink(link)) === program) return {link, isNew: false}
    if (existing) throw refusedError(`${link} exists and is not a link to ${program}`, `rm ${shellWord(link)}`)
    await makeFolders(folder)
    await symlink(program, link)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error)
      throw refusedError(`cannot link ${link}: ${fileReason(error, messageOf(error))}`)
    throw error
  }
  return {link, isNew: true}
}
