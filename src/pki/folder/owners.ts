import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {refusedError} from '../../errors.ts'
import {belongsToOther, entryAt} from '../../text/files.ts'
import {shellWord} from '../../text/shell-word.ts'
import {caFiles} from '../ca-certs.ts'
import {rootFiles, undefinedIfMissing} from './files.ts'

/**
 * Refuses a CA folder in which another user of this machine could have put a key, or can: its key would become that of the mesh.
 * Entries of root are accepted.
 *
 * @param cluster also check the folder and the key of a cluster
 * @throws MeshError (exit 3) for an entry of another user, and for a folder in which every user can replace entries
 */
export async function refuseOtherOwners(dir: string, cluster?: string): Promise<void> {
  const folders = cluster === undefined ? [dir] : [dir, join(dir, cluster)]
  const key = cluster === undefined ? join(dir, rootFiles.key) : join(dir, cluster, caFiles.caKey)
  for (const path of [...folders, key]) await refuseOtherOwner(path)
}

async function refuseOtherOwner(path: string): Promise<void> {
  const entry = await entryAt(path)
  if (!entry) return
  const target = entry.isSymbolicLink() ? await stat(path).catch(undefinedIfMissing) : entry
  const owner = [entry, target].find(one => one && belongsToOther(one.uid))
  if (owner)
    throw refusedError(
      `${path} belongs to another user of this machine (UID ${owner.uid}), who could replace keys of the mesh`,
      'copy the folder, or create a new CA folder',
    )
  if (process.platform !== 'win32' && target?.isDirectory() && (target.mode & 0o1002) === 0o002)
    throw refusedError(
      `every user of this machine can replace the entries of ${path}, and so the keys of the mesh`,
      `check its content, then: chmod 700 ${shellWord(path)}`,
    )
}
