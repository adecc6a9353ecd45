import {join} from 'node:path'
import {findServers} from '../binaries.ts'

/** The kubectl that belongs to the API servers of the tests. Throws when there is none. */
export async function findKubectl(): Promise<string> {
  const found = await findServers()
  if (!found) throw new Error('no servers, so no kubectl')
  return join(found.dir, 'kubectl')
}
