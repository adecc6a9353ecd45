/**
 * `npm run docs:pictures` draws the pictures of the documentation with the built plugin: it federates three local API
 * servers, which it starts and stops, and records a terminal. istiod, the load balancer and the controllers are simulated.
 */
import {execFile} from 'node:child_process'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {fakeControlPlane} from '../../test/support/fake/control-plane.ts'
import {playBalancer, playGatewayPods} from '../../test/support/ground/players.ts'
import {type Api, openApi} from '../../test/support/servers/api.ts'
import {type RunningServers, startServers} from '../../test/support/servers/servers.ts'
import {record} from './record.ts'

const names = ['east', 'west', 'south']
const root = join(import.meta.dirname, '../..')
const page = join(root, 'docs/pictures.md')
const folder = join(root, 'docs/pictures')

const work = mkdtempSync(join(tmpdir(), 'kubectl-mesh-pictures-'))

const servers = await startServers(names)
try {
  await draw(servers)
} finally {
  await servers.stop()
  rmSync(work, {recursive: true, force: true})
}

async function draw({kubeconfig}: RunningServers): Promise<void> {
  const apis = await Promise.all(names.map(name => openApi(kubeconfig, name)))
  for (const name of names)
    await fakeControlPlane(kubeconfig, name, {clusterName: name, network: `net-${name}`, meshID: 'mesh1'})
  for (const [at, api] of apis.entries()) await addWorkloads(api, at)
  const stops = apis.flatMap((api, at) => [
    playBalancer(api, 'istio-system', `203.0.113.${11 + at}`),
    playGatewayPods(api, 'istio-system'),
  ])
  try {
    mkdirSync(folder, {recursive: true})
    await mesh('ca', 'init', '--dir', join(work, 'mesh-ca'))
    writeFileSync(join(folder, 'terminal.svg'), await record({root, work, env: servers.env}))
    writeFileSync(join(folder, 'two.svg'), await graph('svg', names.slice(0, 2)))
    await mesh(...federateWords(), '--yes')
    writeFileSync(join(folder, 'mesh.svg'), await graph('svg'))
    writeFileSync(join(folder, 'mesh.html'), await graph('html'))
    fillIn('text', await graph('text'))
    fillIn('mermaid', await graph('mermaid'))
    // West no longer accepts the credential that east holds.
    await apis[1]!.delete('/api/v1/namespaces/istio-system/secrets/istio-remote-bound-token-east')
    await forgotten()
    writeFileSync(join(folder, 'broken.svg'), await graph('svg'))
  } finally {
    for (const stop of stops) stop()
    for (const api of apis) api.close()
  }
}

function federateWords(): string[] {
  const addresses = names.flatMap(name => ['--server', `${name}=https://api.${name}.test:6443`])
  return [
    'federate',
    '--contexts',
    names.join(','),
    '--ca-dir',
    join(work, 'mesh-ca'),
    '--credential-duration',
    '2160h',
    ...addresses,
  ]
}

/** Nodes with localities in every cluster, and a VM in the first. */
async function addWorkloads(api: Api, at: number): Promise<void> {
  for (const zone of ['a', 'b']) {
    const labels = {
      'topology.kubernetes.io/region': `eu-${at + 1}`,
      'topology.kubernetes.io/zone': `eu-${at + 1}${zone}`,
    }
    await api.apply({apiVersion: 'v1', kind: 'Node', metadata: {name: `node-${zone}`, labels}})
  }
  if (at > 0) return
  const apiVersion = 'networking.istio.io/v1'
  await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'vm'}})
  await api.apply({
    apiVersion,
    kind: 'WorkloadEntry',
    metadata: {name: 'web', namespace: 'vm'},
    spec: {address: '10.0.0.3'},
  })
}

/** API servers remember for ten seconds that they accepted a token. */
function forgotten(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 11_000))
}

function graph(format: string, contexts: readonly string[] = names): Promise<string> {
  return mesh('graph', '--contexts', contexts.join(','), '-o', format)
}

async function mesh(...words: string[]): Promise<string> {
  const env = {...process.env, ...servers.env, LC_ALL: 'C.UTF-8'}
  const {stdout} = await promisify(execFile)(process.execPath, [join(root, 'bin/run.js'), ...words], {env})
  return stdout
}

/** Replaces the code block of a language in the page. */
function fillIn(language: string, text: string): void {
  const before = readFileSync(page, 'utf8')
  const after = before.replace(
    new RegExp(`(\`\`\`${language}\\n).*?(\`\`\`)`, 's'),
    (_, start, end) => start + text + end,
  )
  writeFileSync(page, after)
}
