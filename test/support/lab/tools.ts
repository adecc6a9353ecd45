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

/**
 * Path of the oldest istiod that `build.sh` builds: master of April 2026, which reports 1.30.1. It has the defects that 1.30.4 fixed.
 *
 * @param labFolder folder of the lab's scripts
 */
export function oldIstiod(labFolder: string): string {
  return join(toolFolder('istiod-old', [join(labFolder, 'tools/istio-old/go.sum')]), 'pilot-discovery')
}

function toolFolder(name: string, sources: readonly string[]): string {
  const hash = createHash('sha256')
  for (const file of sources) hash.update(readFileSync(file))
  const parent = process.env.KUBECTL_MESH_LAB ?? '/var/tmp/kubectl-mesh-lab'
  return join(parent, `${name}-${hash.digest('hex').slice(0, 12)}`)
}

/** Whether the tests run with the oldest istiod: the part `old` of `npm run release:check`, and the project e2e-old. */
export const usesOldIstiod = process.env.LAB_ISTIOD === 'old'

/** The version that the istiods of the lab report, as in `test/lab/lib.sh`. */
export const istiodVersion = usesOldIstiod ? '1.30.1' : '1.31.0'
