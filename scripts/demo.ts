/**
 * `npm run demo`: the main job on two local API servers that are started for it and end with it. The part of istiod, the
 * cloud's load balancer and the token controller is played; all else is real, and is the program as users run it.
 */
import {spawn} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {openApi} from '../test/support/servers/api.ts'
import {fakeControlPlane} from '../test/support/fake/control-plane.ts'
import {startServers} from '../test/support/servers/servers.ts'

const clusters = [
  {name: 'east', address: '203.0.113.11', server: 'https://203.0.113.1:6443'},
  {name: 'west', address: '203.0.113.12', server: 'https://203.0.113.2:6443'},
]
const root = join(import.meta.dirname, '..')
const work = await mkdtemp(join(tmpdir(), 'kubectl-mesh-demo-'))

say('Two Kubernetes API servers start here: east and west. (Built from source the first time: some minutes.)')
const servers = await startServers(clusters.map(({name}) => name))
try {
  for (const {name} of clusters)
    await fakeControlPlane(servers.kubeconfig, name, {clusterName: name, network: name, meshID: 'mesh1'})
  const join2 = [
    'federate',
    '--contexts',
    'east,west',
    '--ca-dir',
    'mesh-ca',
    ...clusters.flatMap(({name, server}) => ['--server', `${name}=${server}`]),
  ]

  say('1. A root CA for the mesh')
  await mesh('ca', 'init', '--dir', 'mesh-ca')
  say('2. What would change? (nothing is written)')
  await mesh(...join2, '--dry-run=server')
  say('3. Do it. (The demo plays the cloud that gives each gateway its address.)')
  const cloud = playCloud()
  await mesh(...join2, '--yes')
  await cloud
  say('4. Again: nothing is left to do')
  await mesh(...join2, '--yes')
  say('5. Where it stands')
  await mesh('federate', 'status', '--contexts', 'east,west')
  say('Done. The servers end now; README.md says how to do this with your own clusters.')
} finally {
  await servers.stop()
  await rm(work, {recursive: true, force: true})
}

/** Runs the built program as a user would, and shows the command. A failure ends the demo. */
async function mesh(...words: string[]): Promise<void> {
  process.stdout.write(`\n$ kubectl mesh ${words.join(' ')}\n`)
  const child = spawn(process.execPath, [join(root, 'bin/run.js'), ...words], {
    cwd: work,
    env: {...process.env, ...servers.env},
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('exit', resolve))
  if (code !== 0) throw new Error(`kubectl mesh ${words[0]} ended with ${code}`)
}

/** Waits for each gateway's Service and gives it an address. */
async function playCloud(): Promise<void> {
  for (const {name, address} of clusters) {
    const api = await openApi(servers.kubeconfig, name)
    const metadata = {name: 'istio-eastwestgateway', namespace: 'istio-system'}
    while (!(await api.get('/api/v1/namespaces/istio-system/services/istio-eastwestgateway')))
      await new Promise(resolve => setTimeout(resolve, 300))
    await api.apply(
      {apiVersion: 'v1', kind: 'Service', metadata, status: {loadBalancer: {ingress: [{ip: address}]}}},
      'status',
    )
    api.close()
  }
}

function say(text: string): void {
  process.stdout.write(`\n\x1b[1m── ${text}\x1b[0m\n`)
}
