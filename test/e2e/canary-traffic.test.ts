import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {labFolder} from '../support/binaries.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {playGatewayPods} from '../support/lab/gateway-pods.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {type Requests, startRequests} from '../support/lab/requests.ts'
import {deploySample} from '../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', address: '203.0.113.121'},
  {name: 'west', network: 'net-west', address: '203.0.113.141'},
] as const
const [before, after] = ['r1', 'r2']
const hello = 'http://helloworld.sample.svc.cluster.local:5000/hello'
const machineUrl = 'http://machine.sample.svc.cluster.local:5000/hello'

/**
 * When a gateway pod ends, its connections are closed, also below a request: it passes TLS through, and cannot announce its end
 * to clients. Sidecars repeat such a request only if retries include `reset` (docs/recipes/federate.md).
 */
const retries = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: {name: 'helloworld', namespace: 'sample'},
  spec: {
    hosts: ['helloworld.sample.svc.cluster.local'],
    http: [
      {
        route: [{destination: {host: 'helloworld.sample.svc.cluster.local'}}],
        retries: {attempts: 2, retryOn: 'reset,connect-failure,refused-stream,unavailable,cancelled'},
      },
    ],
  },
}

describe.skipIf(!inject('lab').dataplane)('a canary upgrade of the east-west gateways with real traffic', () => {
  let lab: DataPlaneLab
  let federate: string[]
  const stops: (() => Promise<void>)[] = []
  const requests: Record<string, Requests> = {}

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true, playedGateways: true})
    await inEach(({name, network}) => installControlPlane(lab, name, {network, revision: before}))
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    federate = ['federate', '--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--yes']
    const federated = mesh(lab, [...federate, '--revision', before, '--timeout', '120s'])
    await inEach(async ({name, address}) => {
      await vi.waitUntil(async () => (await gatewayRevisions(name)).length > 0, {timeout: 60_000, interval: 500})
      // A running istiod uses its first cacerts only after a restart (istio#57853).
      await lab.istiod(name, {revision: before})
      stops.push(playGatewayPods(lab, name, address))
    })
    expect(await federated).toMatchObject({code: 0})
    const [east, west] = await inEach(({name}) => deployPods(name))
    const machine = await startMachine()
    await inEach(({name, network}) => installControlPlane(lab, name, {network, revision: after}))
    const senders = [
      ['west to east', west!, hello],
      ['VM to pod', machine, hello],
      ['pod to VM', east!, machineUrl],
    ] as const
    for (const [name, netns, url] of senders) {
      const answered = async () => Object.keys(await lab.count(netns, 5, url)).every(answer => /^(v1|vm)$/.test(answer))
      await vi.waitUntil(answered, {timeout: 90_000, interval: 500})
      requests[name] = await startRequests(lab, netns, name.replaceAll(' ', '-'), '', url)
    }
  })

  const inEach = <T>(work: (cluster: (typeof clusters)[number]) => Promise<T>) => Promise.all(clusters.map(work))

  /** Deploys the service, which only east answers, so that all requests of west pass its gateway. Returns a client. */
  async function deployPods(name: string): Promise<string> {
    await deploySample(lab, name, 'v1', before)
    if (name === 'west') await lab.kubectl(name, ['-n', 'sample', 'delete', 'deployment', '--all'])
    else await lab.pod(name, 'sample', 'app=helloworld')
    await lab.kubectl(name, ['apply', '-f', '-'], {input: JSON.stringify(retries)})
    await lab.kubectl(name, ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
    return lab.pod(name, 'sample', 'app=client')
  }

  /** Registers a virtual machine, which reaches istiod and pods through the gateway of east. */
  async function startMachine(): Promise<string> {
    const bundle = join(lab.dir, 'bundle')
    const flags = ['--port', 'http:5000', '--host', 'machine.sample.svc.cluster.local', '--network', 'net-vm']
    await meshOk(lab, [
      ...['vm', 'register', 'machine', '-n', 'sample', '--context', 'east', '--service-account', 'vm', ...flags],
      ...['--revision', before, '--output-dir', bundle, '--yes'],
    ])
    const app = ['python3', join(labFolder, 'dataplane/hello.py'), '5000', 'vm', 'vm1']
    const machine = await lab.machine('vm1', '203.0.113.50', bundle, app)
    await lab.updateHosts('east')
    return machine
  }

  afterAll(async () => {
    for (const stop of stops) await stop()
    await lab?.stop()
  })

  /** The revisions of the gateway pods that exist, those that are ending too. */
  async function gatewayRevisions(cluster: string): Promise<string[]> {
    const columns = 'jsonpath={.items[*].metadata.labels.istio\\.io/rev}'
    const pods = ['-n', 'istio-system', 'get', 'pods', '-l', 'istio=eastwestgateway', '-o', columns]
    return (await lab.kubectl(cluster, pods)).split(' ').filter(Boolean)
  }

  test('no request fails while the gateways move to the new revision and back', async () => {
    for (const revision of [after, before]) {
      const {code, stdout, stderr} = await mesh(lab, [...federate, '--revision', revision, '--timeout', '120s'])
      expect({code, stdout, stderr}).toMatchObject({code: 0})
      for (const {name} of clusters)
        await expect.poll(() => gatewayRevisions(name), {timeout: 60_000}).toEqual([revision])
      await Promise.all(Object.values(requests).map(each => each.more()))
    }
    const answers = await Promise.all(Object.entries(requests).map(async ([name, each]) => [name, await each.stop()]))
    const ok = {200: expect.any(Number)}
    expect(Object.fromEntries(answers)).toEqual({'west to east': ok, 'VM to pod': ok, 'pod to VM': ok})
  })
})
