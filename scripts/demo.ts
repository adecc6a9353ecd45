/**
 * `npm run demo` federates two local API servers, which it starts and stops. istiod, the load balancer and
 * the controllers are simulated. The program is the built plugin.
 */
import {spawn} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fakeControlPlane} from '../test/support/fake/control-plane.ts'
import {playBalancer, playGatewayPods} from '../test/support/ground/players.ts'
import {openApi} from '../test/support/servers/api.ts'
import {startServers} from '../test/support/servers/servers.ts'

const clusters = [
  {name: 'east', address: '203.0.113.11', server: 'https://api.east.test:6443'},
  {name: 'west', address: '203.0.113.12', server: 'https://api.west.test:6443'},
]
const root = join(import.meta.dirname, '..')
const work = await mkdtemp(join(tmpdir(), 'kubectl-mesh-demo-'))

title(
  'Starting two Kubernetes API servers, east and west. (The first start builds them from source, which takes minutes.)',
)
const servers = await startServers(clusters.map(({name}) => name))
try {
  for (const {name} of clusters)
    await fakeControlPlane(servers.kubeconfig, name, {clusterName: name, network: name, meshID: 'mesh1'})
  const federateCommand = [
    'federate',
    '--contexts',
    'east,west',
    '--ca-dir',
    'mesh-ca',
    ...clusters.flatMap(({name, server}) => ['--server', `${name}=${server}`]),
  ]

  title('1. Create a root CA for the mesh')
  await mesh('ca', 'init', '--dir', 'mesh-ca')
  title('2. Show the changes without making them')
  await mesh(...federateCommand, '--dry-run=server')
  title('3. Federate the clusters (the demo provides the addresses and pods of the gateways)')
  const stopGateways = await playGateways()
  await mesh(...federateCommand, '--yes')
  stopGateways()
  title('4. Run the command again: there is nothing to change')
  await mesh(...federateCommand, '--yes')
  title('5. Show the status')
  await mesh('federate', 'status', '--contexts', 'east,west')
  title('Done. The servers are stopped now. See README.md for how to federate your clusters.')
} finally {
  await servers.stop()
  await rm(work, {recursive: true, force: true})
}

/**
 * Prints a command and runs it with the built plugin.
 *
 * @throws Error if it fails
 */
async function mesh(...words: string[]): Promise<void> {
  process.stdout.write(`\n$ kubectl mesh ${words.join(' ')}\n`)
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...words], {
    cwd: work,
    env: {...process.env, ...servers.env},
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (code !== 0) throw new Error(`kubectl mesh ${words[0]} exited with code ${code}`)
}

/** Plays what a cloud provider and the controllers of Kubernetes do. Returns a function that stops it. */
async function playGateways(): Promise<() => void> {
  const stops = await Promise.all(
    clusters.map(async ({name, address}) => {
      const api = await openApi(servers.kubeconfig, name)
      const players = [playBalancer(api, 'istio-system', address), playGatewayPods(api, 'istio-system')]
      return [...players, () => api.close()]
    }),
  )
  return () => {
    for (const stop of stops.flat()) stop()
  }
}

function title(text: string): void {
  process.stdout.write(`\n\x1b[1m── ${text}\x1b[0m\n`)
}
