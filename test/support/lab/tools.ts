import {createHash} from 'node:crypto'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'

/**
 * Folder into which `build.sh` builds helm, as in `test/lab/lib.sh`.
 *
 * @param labFolder folder of the lab's scripts
 */
export function helmFolder(labFolder: string): string {
  return toolFolder('helm', [join(labFolder, 'tools/helm/go.sum')])
}

/**
 * Folder into which `build.sh` builds CoreDNS, as in `test/lab/lib.sh`.
 *
 * @param labFolder folder of the lab's scripts
 */
export function corednsFolder(labFolder: string): string {
  return toolFolder(
    'coredns',
    ['go.sum', 'main.go'].map(file => join(labFolder, 'tools/coredns', file)),
  )
}

function toolFolder(name: string, sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of sources) hash.update(readFileSync(file))
  const parent = process.env.KUBECTL_MESH_LAB ?? '/var/tmp/kubectl-mesh-lab'
  return join(parent, `${name}-${hash.digest('hex').slice(0, 12)}`)
}
