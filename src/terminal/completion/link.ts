import {lstatSync, mkdirSync, readlinkSync, symlinkSync} from 'node:fs'
import {join, resolve} from 'node:path'
import {messageOf, refusedError} from '../../errors.ts'

/** Name that kubectl looks for on PATH (kubectl 1.26 and later). */
export const completionName = 'kubectl_complete-mesh'

/**
 * Links `kubectl_complete-mesh` into a folder. A link that points there already is left; anything else of that name is
 * refused (exit 3).
 *
 * @returns the link, and whether it is new
 */
export function linkCompletion(program: string, folder: string): {link: string; isNew: boolean} {
  const link = join(resolve(folder), completionName)
  try {
    const there = lstatSync(link, {throwIfNoEntry: false})
    if (there?.isSymbolicLink() && resolve(folder, readlinkSync(link)) === program) return {link, isNew: false}
    if (there) throw refusedError(`${link} is there already and is not ours`, `rm ${link}`)
    mkdirSync(folder, {recursive: true})
    symlinkSync(program, link)
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) throw refusedError(`cannot link ${link}: ${messageOf(error)}`)
    throw error
  }
  return {link, isNew: true}
}
