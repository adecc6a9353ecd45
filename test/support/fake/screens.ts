import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {rootCert} from '../ground/certificates.ts'
import {home, type MeshOptions, type ProgramResult, programWords, runMesh} from '../ground/program.ts'
import {type PtyProcess, startPty} from '../pty.ts'
import {type FakeCluster, type FakeFleet, startFakeFleet} from './fleet.ts'

/** The sizes of terminals for which screens are tested. */
export const sizes = [
  {columns: 100, rows: 30},
  {columns: 60, rows: 24},
]

/** Simulated clusters, and terminals in which the program uses them. */
export interface Screens {
  fleet: FakeFleet
  /** Working folder of the program. It is removed on `close`. */
  folder: string
  /** Path of the kubeconfig with a context for each cluster. */
  kubeconfig: string
  /** Starts the program in a terminal without colors, of 100×30 by default. */
  start(args: readonly string[], options?: StartOptions): PtyProcess
  /** Runs the program without a terminal. */
  mesh(args: readonly string[], options?: MeshOptions): Promise<ProgramResult>
  /** What the terminal shows, without what differs between runs. */
  shown(pty: PtyProcess): Promise<string>
  close(): Promise<void>
}

export interface StartOptions {
  size?: {columns: number; rows: number}
  env?: Record<string, string | undefined>
}

/**
 * Starts simulated clusters and writes a kubeconfig for them, of which the first context is the current one.
 *
 * @param clusters names of the clusters and of their contexts; a null has a context whose server does not respond
 */
export async function openScreens(clusters: Readonly<Record<string, FakeCluster | null>>): Promise<Screens> {
  const names = Object.keys(clusters)
  const live = names.filter(name => clusters[name] !== null)
  const settings = Object.fromEntries(live.map(name => [name, clusters[name]!]))
  const fleet = await startFakeFleet(live, await rootCert(), settings)
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-screens-'))
  const kubeconfig = join(folder, 'kubeconfig')
  const serverOf = (name: string) => (clusters[name] === null ? 'http://127.0.0.1:1' : fleet.urlOf(name))
  await writeKubeconfig(
    kubeconfig,
    names.map(name => [name, serverOf(name)]),
  )
  const ptys: PtyProcess[] = []
  const env = {KUBECONFIG: kubeconfig, HOME: home}
  return {
    fleet,
    folder,
    kubeconfig,
    start: (args, {size = sizes[0]!, env: more} = {}) => {
      const pty = startPty([...programWords, ...args], {
        cwd: folder,
        env: {...env, NO_COLOR: '1', ...more},
        size,
      })
      ptys.push(pty)
      return pty
    },
    mesh: (args, options = {}) => runMesh(args, {cwd: folder, ...options, env: {...env, ...options.env}}),
    shown: async pty =>
      (await pty.shows()).replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:PPPPP').replaceAll(folder, 'FOLDER'),
    close: async () => {
      for (const pty of ptys) pty.kill()
      await fleet.close()
      await rm(folder, {recursive: true, force: true})
    },
  }
}

/** Writes a kubeconfig with contexts, of which the first is the current one. */
export function writeKubeconfig(file: string, contexts: readonly (readonly [name: string, server: string])[]) {
  return writeFile(
    file,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': contexts[0]?.[0] ?? '',
      clusters: contexts.map(([name, server]) => ({name, cluster: {server}})),
      users: [{name: 'anonymous', user: {}}],
      contexts: contexts.map(([name]) => ({name, context: {cluster: name, user: 'anonymous'}})),
    }),
  )
}
