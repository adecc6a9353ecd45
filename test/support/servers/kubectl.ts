import {join} from 'node:path'
import {findServers} from '../binaries.ts'

/**
 * Path of the kubectl with the version of the API servers.
 *
 * @throws Error if there are no API servers
 */
export async function findKubectl(): Promise<string> {
  const servers = await findServers()
  if (!servers) throw new Error('no kubectl: API servers are not available')
  return join(servers.dir, 'kubectl')
}
