/**
 * `node bench/capacity.ts [--write]` measures what a real istiod needs for remote clusters, endpoints and local pods, and fits the model
 * of src/mesh/capacity/istio-needs.ts. It takes about ten minutes. One API server stands in for all remote clusters: istiod keeps one registry for each
 * remote Secret, whatever server is behind it. Pods are objects without containers. Connected proxies are processes that request the configuration of a sidecar
 * and stay connected.
 *
 * --write replaces the table in docs/capacity.md.
 */
import {type ChildProcess, spawn} from 'node:child_process'
import {createWriteStream, readFileSync, writeFileSync} from 'node:fs'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import {load} from 'js-yaml'
import {buildLab} from '../test/support/binaries.ts'
import {findFreePorts} from '../test/support/ports.ts'
import {type Api, openApi} from '../test/support/servers/api.ts'
import {startServers} from '../test/support/servers/servers.ts'
import {fitLinear, type Sample} from './fit.ts'
import {addPods} from './pods.ts'

/** Pods of each remote cluster, and the numbers of remote clusters that are measured with them. */
const remoteSteps = [
  {pods: 0, remotes: [0, 1, 5, 10, 20]},
  {pods: 500, remotes: [1, 5, 10, 20]},
  {pods: 2000, remotes: [1, 5, 10, 20]},
]
/** Pods of the local cluster, without remote clusters, and how many of their proxies are connected. */
const localSteps = [
  {pods: 1000, proxies: [0, 20, 60]},
  {pods: 4000, proxies: [0, 20, 60]},
]

const systemNamespace = 'istio-system'
const {bin} = await buildLab('all')
const folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-capacity-'))
const servers = await startServers(['local', 'remote'])
const [local, remote] = await Promise.all(['local', 'remote'].map(name => openApi(servers.kubeconfig, name)))
const samples: Sample[] = []
try {
  await local!.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: systemNamespace}})
  for (const {pods, remotes} of remoteSteps) {
    await addPods(remote!, pods)
    await measureRemotes(pods, remotes)
  }
  for (const {pods, proxies} of localSteps) {
    await addPods(local!, pods)
    await withIstiod(port => measureProxies(port, pods, proxies))
  }
} finally {
  local!.close()
  remote!.close()
  await servers.stop()
  await rm(folder, {recursive: true})
}
const alone = samples.filter(({proxies}) => proxies === 0)
const {base, perLocalPod, perRemotePod, perRemote, errors} = fitLinear(alone)
const table = [
  '| remote clusters | pods in each | local pods | connected proxies | watches for each remote | measured MiB | model MiB |',
  '| --- | --- | --- | --- | --- | --- | --- |',
  ...samples.map(sample => {
    const {remotes, remotePods, localPods, proxies, watches, mib} = sample
    const error = errors[alone.indexOf(sample)]
    const cells = [
      remotes,
      remotes === 0 ? '-' : remotePods / remotes,
      localPods,
      proxies,
      watches || '-',
      mib.toFixed(0),
    ]
    return `| ${[...cells, error === undefined ? '-' : (mib + error).toFixed(0)].join(' | ')} |`
  }),
].join('\n')
const worst = Math.max(...alone.map(({mib}, at) => Math.abs(errors[at]!) / mib))
const model = `MiB = ${base.toFixed(1)} + ${perLocalPod.toFixed(4)} × local pods + ${perRemotePod.toFixed(4)} × remote pods + ${perRemote.toFixed(2)} × remote clusters`
process.stdout.write(`${table}\n\n${model}\nlargest error: ${(worst * 100).toFixed(0)} %\n`)
if (process.argv.includes('--write')) writeTable()

function writeTable(): void {
  const file = join(import.meta.dirname, '..', 'docs', 'capacity.md')
  const [before, , after] = readFileSync(file, 'utf8').split(/(?<=<!-- measurements -->)|(?=<!-- end -->)/)
  writeFileSync(file, `${before}\n${table}\n${after}`)
}

/** Adds remote clusters one step after the other to one istiod. */
async function measureRemotes(pods: number, steps: readonly number[]): Promise<void> {
  const kubeconfig = await remoteKubeconfig()
  await withIstiod(async port => {
    let count = 0
    const before = await watchesAt(remote!)
    for (const remotes of steps) {
      for (; count < remotes; count++) await local!.apply(remoteSecret(`remote-${count}`, kubeconfig))
      const sample = await sampleOf(port, {localPods: 0, remotePods: pods * remotes, remotes, proxies: 0})
      const watches = remotes === 0 ? 0 : ((await watchesAt(remote!)) - before) / remotes
      samples.push({...sample, watches})
      process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`)
    }
  })
  for (let at = 0; at < Math.max(...steps); at++)
    await local!.delete(`/api/v1/namespaces/${systemNamespace}/secrets/istio-remote-secret-remote-${at}`)
}

/** Connects proxies to an istiod, one step after the other. */
async function measureProxies(port: number, localPods: number, steps: readonly number[]): Promise<void> {
  const connected: ChildProcess[] = []
  try {
    for (const proxies of steps) {
      while (connected.length < proxies) {
        const ip = `10.200.0.${connected.length + 1}`
        const args = [
          '-addr',
          `127.0.0.1:${port}`,
          '-ip',
          ip,
          '-ns',
          'capacity-0',
          '-cluster',
          'local',
          '-hold',
          '600s',
        ]
        connected.push(spawn(join(bin, 'adsq'), args, {stdio: 'ignore'}))
      }
      while ((await metricOf(port, 'pilot_xds')) < proxies) await sleep(500)
      samples.push(await sampleOf(port, {localPods, remotePods: 0, remotes: 0, proxies}))
      process.stderr.write(`${JSON.stringify(samples.at(-1))}\n`)
    }
  } finally {
    for (const proxy of connected) proxy.kill('SIGKILL')
  }
}

/** The sum of a metric of istiod. */
async function metricOf(port: number, name: string): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port + 4}/metrics`)).text()
  const lines = text.split('\n').filter(line => line.startsWith(`${name}{`) || line.startsWith(`${name} `))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Watches that an API server serves. */
async function watchesAt(api: Api): Promise<number> {
  const text = ((await api.get('/metrics')) as unknown as {message: string}).message
  const lines = text.split('\n').filter(line => /^apiserver_longrunning_requests\{.*verb="WATCH"/.test(line))
  return lines.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

/** Runs istiod, as test/lab/istiod.sh does. */
async function withIstiod(work: (port: number) => Promise<unknown>): Promise<void> {
  const port = await findFreePorts(9)
  const address = (offset: number) => `127.0.0.1:${port + offset}`
  const env = {
    ...process.env,
    ...{KUBECONFIG: servers.kubeconfig, POD_NAME: 'istiod-0', POD_NAMESPACE: systemNamespace, REVISION: 'default'},
    ...{CLUSTER_ID: 'local', PILOT_CERT_PROVIDER: 'istiod', ROOT_CA_DIR: join(folder, 'none')},
    ENABLE_LEADER_ELECTION: 'false',
  }
  const args = [
    ...['discovery', '--kubeconfig', servers.kubeconfig, '--clusterID', 'local', '-n', systemNamespace],
    ...['--meshConfig', join(folder, 'none'), '--networksConfig', join(folder, 'none'), '--ctrlz_port', '0'],
    ...['--grpcAddr', address(0), '--secureGRPCAddr', address(2), '--monitoringAddr', address(4)],
    ...['--httpsAddr', address(7), '--httpAddr', address(8)],
  ]
  const istiod = spawn(join(bin, 'pilot-discovery'), args, {env, stdio: ['ignore', 'pipe', 'pipe'], cwd: folder})
  const log = createWriteStream(join(folder, 'istiod.log'))
  istiod.stdout.pipe(log)
  istiod.stderr.pipe(log)
  try {
    await untilReady(port, istiod)
    await work(port)
  } finally {
    const ended = new Promise(resolve => istiod.once('exit', resolve))
    istiod.kill('SIGKILL')
    if (istiod.exitCode === null) await ended
  }
}

async function untilReady(port: number, istiod: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 300 && istiod.exitCode === null; attempt++) {
    const ready = await fetch(`http://127.0.0.1:${port + 8}/ready`).catch(() => undefined)
    if (ready?.ok) return
    await sleep(200)
  }
  throw new Error(`istiod is not ready:\n${(await readFile(join(folder, 'istiod.log'), 'utf8')).slice(-2000)}`)
}

/**
 * Waits until istiod knows all remote clusters and its memory is steady.
 *
 * @returns with the largest resident memory of the last readings, because that is what a limit must allow
 */
async function sampleOf(port: number, at: Omit<Sample, 'mib' | 'watches'>): Promise<Sample> {
  for (let attempt = 0; ; attempt++) {
    const clusters = (await (await fetch(`http://127.0.0.1:${port + 8}/debug/clusterz`)).json()) as {
      syncStatus: string
    }[]
    if (clusters.filter(({syncStatus}) => syncStatus === 'synced').length === at.remotes + 1) break
    if (attempt > 300) throw new Error(`istiod does not know all remote clusters: ${JSON.stringify(clusters)}`)
    await sleep(500)
  }
  const readings: number[] = []
  while (readings.length < 30) {
    await sleep(500)
    readings.push((await metricOf(port, 'process_resident_memory_bytes')) / 2 ** 20)
  }
  return {...at, watches: 0, mib: Math.max(...readings.slice(10))}
}

/** The kubeconfig of the server of all remote clusters. */
async function remoteKubeconfig(): Promise<string> {
  const config = load(await readFile(servers.kubeconfig, 'utf8')) as Record<string, {name: string}[]>
  const only = Object.entries(config).map(([key, value]) => [
    key,
    Array.isArray(value) ? value.filter(({name}) => name === 'remote') : value,
  ])
  return JSON.stringify({...Object.fromEntries(only), 'current-context': 'remote'})
}

function remoteSecret(cluster: string, kubeconfig: string) {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: `istio-remote-secret-${cluster}`,
      namespace: systemNamespace,
      labels: {'istio/multiCluster': 'true'},
      annotations: {'networking.istio.io/cluster': cluster},
    },
    stringData: {[cluster]: kubeconfig},
  }
}
