import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * Folder into which `build.sh` builds helm, as in `test/lab/lib.sh`.
 *
 * @param labFolder folder of the lab's scripts
 */
export function helmFolder(labFolder: string): string {
  const hash = createHash('sha256').update(readFileSync(join(labFolder, 'tools/helm/go.sum')))
  return join(process.env.KUBECTL_MESH_LAB ?? '/var/tmp/kubectl-mesh-lab', `helm-${hash.digest('hex').slice(0, 12)}`)
}
