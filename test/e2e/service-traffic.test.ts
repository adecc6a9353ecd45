import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {showDebugPages} from '../support/lab/debug-pages.ts'
import {playGatewayPods} from '../support/lab/gateway-pods.ts'
import {playCurl, playKubelet} from '../support/lab/hello-pods.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {startRequests} from '../support/lab/requests.ts'
import {deploySample} from '../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', version: 'v1', address: '203.0.113.121'},
  {name: 'west', network: 'net-west', version: 'v2', address: '203.0.113.141'},
] as const
/** Only the DNS proxy of sidecars resolves this host. */
const url = 'http://helloworld.sample.global:5000/hello'
const requests = 20

describe.skipIf(!inject('lab').dataplane)('gateways mode with real traffic', () => {
  let lab: DataPlaneLab
  let client: string
  let federate: string[]
  const stops: (() => Promise<void>)[] = []
  let unplay: (() => Promise<void>) | undefined

  beforeAll(async () => {
    unplay = await playCurl()
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true, playedGateways: true})
    for (const {name, network} of clusters) await installControlPlane(lab, name, {network})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const flags = ['--mode', 'gateways', '--capture-dns', '--contexts', 'east,west', '--ca-dir', ca]
    federate = ['federate', ...flags, '--yes', '--timeout', '120s']
    const federated = mesh(lab, federate)
    for (const {name, address} of clusters) {
      const pods = ['-n', 'istio-system', 'get', 'pod', '-l', 'istio=eastwestgateway', '-o', 'name']
      await vi.waitUntil(async () => (await lab.kubectl(name, pods)) !== '', {timeout: 60_000, interval: 500})
      // A running istiod uses its first cacerts only after a restart (istio#57853). Pods that it injects then trust the new root.
      const {http} = await lab.istiod(name)
      stops.push(playGatewayPods(lab, name, address))
      await showDebugPages(lab, name, http)
    }
    const {code, stdout, stderr} = await federated
    if (code !== 0) throw new Error(`federate ended with ${code}\n${stdout}\n${stderr}`)
    for (const {name, version} of clusters) {
      await deploySample(lab, name, version)
      await lab.pod(name, 'sample', 'app=helloworld')
    }
    await lab.kubectl('west', ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
    client = await lab.pod('west', 'sample', 'app=client')
  })

  afterAll(async () => {
    for (const stop of stops) await stop()
    await lab?.stop()
    await unplay?.()
  })

  /** Whether the client resolves the host. curl exits with 6 if it does not. */
  async function resolves(): Promise<boolean> {
    return (await lab.exec(client, ['curl', '-s', '-m', '2', '-o', '/dev/null', url])).code !== 6
  }

  /** Sets in the mesh config whether sidecars of new pods capture DNS. */
  async function captureDns(name: string, captures: boolean): Promise<void> {
    const configMap = ['-n', 'istio-system', 'configmap', 'istio']
    const before = await lab.kubectl(name, ['get', ...configMap, '-o', 'jsonpath={.data.mesh}'])
    const text = before.replace(/(ISTIO_META_DNS_CAPTURE\W+)(true|false)/, `$1${captures}`)
    expect(text).not.toBe(before)
    await lab.kubectl(name, ['patch', ...configMap, '--type=merge', '-p', JSON.stringify({data: {mesh: text}})])
  }

  test('no cluster has a remote Secret, and the host does not resolve yet', async () => {
    for (const {name} of clusters)
      expect(await lab.kubectl(name, ['get', 'secrets', '-A', '-l', 'istio/multiCluster=true', '-o', 'name'])).toBe('')
    expect(await resolves()).toBe(false)
  })

  test('after an export, east answers all requests from west through its gateway', async () => {
    await meshOk(lab, [
      'service',
      'export',
      'helloworld',
      '-n',
      'sample',
      '--contexts',
      'east',
      '--to',
      'west',
      '--yes',
    ])
    await expect.poll(() => lab.count(client, requests, url), {timeout: 60_000}).toEqual({v1: requests})
    const {stdout} = await lab.exec(client, ['curl', '-s', 'localhost:15000/clusters'])
    const endpoints = stdout
      .split('\n')
      .filter(line => /^outbound\|5000\|\|helloworld\.sample\.global::.*rq_success/.test(line))
    expect(endpoints).toEqual([expect.stringMatching(/::203\.0\.113\.\d+:15443::rq_success::\d\d/)])
    const own = 'http://helloworld.sample.svc.cluster.local:5000/hello'
    expect(await lab.count(client, requests, own)).toEqual({v2: requests})
  })

  const verify = ['federate', 'verify', '--contexts', 'east,west']

  test('verify finds no errors, and the istiod of west has the endpoint', async () => {
    const {code, stdout, stderr} = await mesh(lab, verify)
    if (code !== 0) throw new Error(`verify ended with ${code}\n${stdout}\n${stderr}`)
    expect(stdout).toMatch(/✔ imported services match the current exports/)
    expect(stdout).toMatch(/debug pages of istiod-\S+\n +✔ istiod knows the endpoints of imported services/)
  })

  test('verify --traffic: each cluster is answered only by the other', async () => {
    // Its sidecars do not resolve the host now, so that curl must get the address.
    await captureDns('east', false)
    const verified = mesh(lab, [...verify, '--traffic', '--yes'])
    await Promise.all(clusters.map(({name}) => playKubelet(lab, name)))
    const {code, stdout, stderr} = await verified
    if (code !== 0) throw new Error(`verify ended with ${code}\n${stdout}\n${stderr}`)
    expect(stdout).toMatch(/^20 requests from +east \(v1\) +west \(v2\) +failed\neast +- +20 +0\nwest +20 +- +0$/m)
    expect(stdout).toContain('✔ east answered 20 of 20 requests from west')
    const left = () => lab.kubectl('west', ['get', 'namespaces,serviceentries,destinationrules', '-A', '-o', 'name'])
    await expect.poll(left, {timeout: 60_000}).not.toContain('mesh-verify')
    await captureDns('east', true)
  })

  test('verify reports an address that the gateway no longer has', async () => {
    const service = ['-n', 'istio-system', 'get', 'service', 'istio-eastwestgateway', '-o']
    const before = await lab.kubectl('east', [...service, 'jsonpath={.status.loadBalancer.ingress[0].ip}'])
    await lab.setAddress('east', 'istio-system', 'istio-eastwestgateway', '203.0.113.99')
    const {code, stdout} = await mesh(lab, verify)
    await lab.setAddress('east', 'istio-system', 'istio-eastwestgateway', before)
    expect(code).toBe(5)
    expect(stdout).toContain(`✘ helloworld.sample.global points to ${before}; the gateway of east is at 203.0.113.99`)
    expect(stdout).toContain('hint: kubectl mesh service export helloworld -n sample --contexts east --to west\n')
    expect(await mesh(lab, verify)).toMatchObject({code: 0})
  })

  test('with mTLS, a proxy rejects another identity than the exported one', async () => {
    const patch = JSON.stringify({spec: {subjectAltNames: ['spiffe://cluster.local/ns/sample/sa/other']}})
    await lab.kubectl('west', [
      '-n',
      'istio-system',
      'patch',
      'serviceentry',
      'helloworld.sample.global',
      '--type=merge',
      '-p',
      patch,
    ])
    await expect.poll(() => lab.count(client, 3, url), {timeout: 60_000}).toEqual({'code=503': 3})
    expect((await mesh(lab, verify)).stdout).toContain(
      '✘ ServiceEntry helloworld.sample.global was edited after the export: subjectAltNames',
    )
    // Another field manager changed a managed field: only --force-conflicts overwrites it.
    const command = ['service', 'export', 'helloworld', '-n', 'sample', '--contexts', 'east', '--to', 'west', '--yes']
    expect(await mesh(lab, command)).toMatchObject({code: 3, stderr: expect.stringContaining('kubectl-patch')})
    await meshOk(lab, [...command, '--force-conflicts'])
    await expect.poll(() => lab.count(client, requests, url), {timeout: 60_000}).toEqual({v1: requests})
  })

  test('no request fails while the gateways move to another revision and back', async () => {
    const installs = clusters.map(({name, network}) => installControlPlane(lab, name, {network, revision: 'next'}))
    await Promise.all(installs)
    // A request that is under way when a gateway pod ends is repeated (docs/recipes/federate.md).
    const hosts = ['helloworld.sample.global']
    const retries = {attempts: 2, retryOn: 'reset,connect-failure,refused-stream,unavailable,cancelled'}
    const virtualService = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      metadata: {name: 'retries', namespace: 'sample'},
      spec: {hosts, http: [{route: [{destination: {host: hosts[0]}}], retries}]},
    }
    await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify(virtualService)})
    const requests = await startRequests(lab, client, 'exported', '', url)
    const exporting = ['service', 'export', 'helloworld', '-n', 'sample', '--contexts', 'east', '--to', 'west', '--yes']
    const pods = ['-n', 'istio-system', 'get', 'pods', '-l', 'istio=eastwestgateway', '-o', 'name']
    for (const revision of [['--revision', 'next'], []]) {
      const before = await lab.kubectl('east', pods)
      await meshOk(lab, [...federate, ...revision])
      await meshOk(lab, [...exporting, ...revision])
      await expect.poll(() => lab.kubectl('east', pods), {timeout: 60_000}).toMatch(/^pod\/\S+\n$/)
      expect(await lab.kubectl('east', pods)).not.toBe(before)
      await requests.more()
    }
    expect(await requests.stop()).toEqual({200: expect.any(Number)})
  })

  test('after unexport, the host does not resolve any more', async () => {
    await meshOk(lab, [
      'service',
      'unexport',
      'helloworld',
      '-n',
      'sample',
      '--contexts',
      'east',
      '--to',
      'west',
      '--yes',
    ])
    await expect.poll(resolves, {timeout: 60_000}).toBe(false)
  })
})
