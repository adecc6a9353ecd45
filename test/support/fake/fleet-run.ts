import {mkdtemp, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {rootCert} from '../ground/certificates.ts'
import {type ProgramResult, runMesh} from '../ground/program.ts'
import {type FakeFleet, startFakeFleet} from './fleet.ts'

/** What a run of the program on a fleet took. */
export interface FleetRun extends ProgramResult {
  /** CPU time of the program in ms: elapsed time would measure the simulated servers too, which share the machine with it. */
  cpuMs: number
  /** Largest resident memory of the program. */
  peakMiB: number
  requests: number
}

/** Simulated clusters `c0`, `c1`, … with a kubeconfig. */
export interface RunningFleet extends Pick<FakeFleet, 'maxOpen'> {
  /** `--contexts` with all clusters, and `--server` for each of them. */
  all: string[]
  run(args: readonly string[]): Promise<FleetRun>
  close(): Promise<void>
}

/** Writes the usage of the program to the file in USAGE_FILE when it ends. */
const measureUsage = `
  import {writeFileSync} from 'node:fs'
  process.on('exit', () => writeFileSync(process.env.USAGE_FILE, JSON.stringify(process.resourceUsage())))`

/** Starts a fleet of `count` clusters. */
export async function openFleet(count: number): Promise<RunningFleet> {
  const clusters = Array.from({length: count}, (_, at) => `c${at}`)
  const fleet = await startFakeFleet(clusters, await rootCert())
  const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-fleet-'))
  const [kubeconfig, usageFile] = [join(folder, 'kubeconfig'), join(folder, 'usage')]
  await writeFile(
    kubeconfig,
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'c0',
      clusters: clusters.map(name => ({name, cluster: {server: fleet.urlOf(name)}})),
      users: [{name: 'anonymous', user: {}}],
      contexts: clusters.map(name => ({name, context: {cluster: name, user: 'anonymous'}})),
    }),
  )
  const env = {
    KUBECONFIG: kubeconfig,
    USAGE_FILE: usageFile,
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(measureUsage)}`,
  }
  return {
    all: [
      ...['--contexts', clusters.join(',')],
      ...clusters.flatMap(name => ['--server', `${name}=https://${name}.test`]),
    ],
    get maxOpen() {
      return fleet.maxOpen
    },
    run: async args => {
      const before = fleet.requests
      const result = await runMesh(args, {
        env: {...env, NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} ${env.NODE_OPTIONS}`},
        maxMs: 600_000,
      })
      const usage = JSON.parse(await readFile(usageFile, 'utf8')) as NodeJS.ResourceUsage
      const {userCPUTime, maxRSS} = usage
      return {...result, cpuMs: userCPUTime / 1000, peakMiB: maxRSS / 1024, requests: fleet.requests - before}
    },
    close: async () => {
      await fleet.close()
      await rm(folder, {recursive: true})
    },
  }
}
