import {rename, rmdir} from 'node:fs/promises'
import {join} from 'node:path'
import {dnsLabel} from '../../spec/texts.ts'
import {describeFileErrors} from '../../text/file-errors.ts'
import {entryAt} from '../../text/files.ts'
import {makeFolders} from '../../text/make-folders.ts'
import {fingerprintOf} from '../read.ts'
import {namesIn, readIfPresent, rootFiles} from './files.ts'

/**
 * A change of the root keeps the new root and the CAs below it in a CA folder inside the CA folder, under a name that no cluster has. At the
 * end, it takes the place of the old one, which stays:
 *
 *     DIR/.next/          the new root, as a CA folder
 *     DIR/.promoting/     the same, while the old files move to DIR/.former-…
 *     DIR/.promoted/      the same, while the new files move to DIR
 *     DIR/.former-…/      an earlier root, as a CA folder
 */
const names = {next: '.next', promoting: '.promoting', promoted: '.promoted', former: '.former'} as const

/** Returns the CA folder of the new root. */
export function nextFolder(dir: string): string {
  return join(dir, names.next)
}

/** Returns whether a CA folder has a new root. */
export async function hasNext(dir: string): Promise<boolean> {
  return describeFileErrors(
    dir,
    async () => (await readIfPresent(join(nextFolder(dir), rootFiles.certificate))) !== undefined,
  )
}

/**
 * Replaces the root of a CA folder and the CAs of its clusters by the new ones.
 *
 * @returns the folder in which the former ones are
 */
export async function promoteNext(dir: string): Promise<string | undefined> {
  return describeFileErrors(dir, async () => {
    await rename(nextFolder(dir), join(dir, names.promoting))
    return completePromotion(dir)
  })
}

/**
 * Completes the promotion of an interrupted run.
 *
 * @returns the folder of the former root, if this run moved it
 */
export async function completePromotion(dir: string): Promise<string | undefined> {
  return describeFileErrors(dir, async () => {
    const [promoting, promoted] = [join(dir, names.promoting), join(dir, names.promoted)]
    let former: string | undefined
    if (await entryAt(promoting)) {
      former = await moveFormer(dir)
      await rename(promoting, promoted)
    }
    if (!(await entryAt(promoted))) return undefined
    await moveAll(promoted, dir)
    await rmdir(promoted)
    return former
  })
}

/** The certificate of the root moves last: without it, everything was moved. */
async function moveFormer(dir: string): Promise<string | undefined> {
  const root = await readIfPresent(join(dir, rootFiles.certificate))
  if (root === undefined) return undefined
  const former = join(dir, `${names.former}-${fingerprintOf(root).replaceAll(':', '').slice(0, 8).toLowerCase()}`)
  await makeFolders(former, 0o700)
  await moveAll(dir, former)
  return former
}

/** Moves the CAs of all clusters and the root. */
async function moveAll(from: string, to: string): Promise<void> {
  const entries = (await namesIn(from)) ?? []
  const clusters = entries.filter(entry => dnsLabel(entry) === undefined)
  const files = [rootFiles.key, rootFiles.certificate].filter(name => entries.includes(name))
  for (const entry of [...clusters, ...files]) await rename(join(from, entry), join(to, entry))
}
