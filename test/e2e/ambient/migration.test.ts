import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../../support/lab/control-plane.ts'
import {forwardIstiods, fromLoopback} from '../../support/lab/debug-pages.ts'
import {type AskOptions, type DataPlaneLab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../../support/lab/mesh.ts'
import {type Requests, startRequests} from '../../support/lab/requests.ts'
import {deployServerAndClient} from '../../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', address: '203.0.113.31', ambientAddress: '203.0.113.41'},
  {name: 'west', network: 'net-west', address: '203.0.113.32', ambientAddress: '203.0.113.42'},
] as const
type Side = (typeof clusters)[number]
const [east, west] = clusters
const system = ['-n', 'istio-system'] as const
const host = 'helloworld.sample.svc.cluster.local'
const url = `http://${host}:5000/hello`
const ambientGateway = 'istio-eastwestgateway-ambient'
/** Upstream Envoy lacks a filter of the listeners that sidecars have for HBONE. */
const meshConfig = {defaultConfig: {proxyMetadata: {ISTIO_META_ENABLE_HBONE: 'false'}}}

describe.skipIf(!inject('lab').dataplane)(
  'a federation of sidecars gets ambient gateways, and loses them again',
  () => {
    let lab: DataPlaneLab
    let requests: Requests
    let flags: string[]
    let foreignBefore: string

    beforeAll(async () => {
      lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
      for (const {name, network} of clusters) {
        await lab.installGatewayCrds(name)
        await installControlPlane(lab, name, {network, ambient: true, meshConfig})
      }
      const ca = join(lab.dir, 'ca')
      await meshOk(lab, ['ca', 'init', '--dir', ca])
      flags = ['--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--timeout', '120s', '--yes']
      const federated = mesh(lab, ['federate', ...flags, '--data-plane', 'sidecar'])
      for (const side of clusters) await startPrepared(side)
      expect(await federated).toMatchObject({code: 0})
      const {client} = await deployServerAndClient(lab)
      // With AMBIENT_ENABLE_MULTI_NETWORK, istiod sends sidecars too only endpoints of global Services of other clusters.
      expect(await endpoints()).toEqual([])
      for (const {name} of clusters)
        await lab.kubectl(name, ['-n', 'sample', 'label', 'service', 'helloworld', 'istio.io/global=true'])
      for (const object of undisguised) await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify(object)})
      await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify(foreign)})
      await vi.waitUntil(async () => (await lab.count(client, 10, url)).v1 === 10, {timeout: 90_000, interval: 500})
      requests = await startRequests(lab, client, 'migration', '', url)
    })

    afterAll(() => lab?.stop())

    /** Starts istiod with its first cacerts, and the gateway for sidecars. `lab.real` would take ztunnel for a sidecar. */
    async function startPrepared({name, address}: Side): Promise<void> {
      const selector = 'istio=eastwestgateway'
      const pods = [...system, 'get', 'pod', '-l', selector, '-o', 'name']
      await vi.waitUntil(async () => (await lab.kubectl(name, pods)) !== '', {timeout: 60_000, interval: 500})
      const {hostname} = new URL((await lab.istiod(name)).http)
      await lab.pod(name, 'istio-system', selector)
      await lab.loadBalancer(name, 'istio-system', 'istio-eastwestgateway', address, selector)
      const forwards = [8080, 15_014].map(port => ({
        ports: [port],
        command: ['python3', '-c', fromLoopback, hostname, String(port)],
      }))
      await forwardIstiods(lab, name, forwards)
    }

    /** The endpoints that proxies of west, by default sidecars, have for the Service, whose only pod runs in east. */
    async function endpoints(proxy: AskOptions = {}): Promise<string[]> {
      const {endpoints: all} = await lab.ask('west', {network: west.network, namespace: 'sample', ...proxy})
      return (all[`outbound|5000||${host}`] ?? []).map(({address, port}) => `${address}:${port}`)
    }

    /** The gateway of the other network that ztunnels of a cluster use for the Service. */
    async function ztunnelGateways(side: Side): Promise<string[]> {
      const {workloads} = await lab.askZtunnel(side.name, side.network)
      return Object.values(workloads)
        .filter(({network, services}) => network !== side.network && services.includes(`sample/${host}`))
        .map(({gateway}) => gateway)
    }

    const kubectl = ({name}: Side, args: readonly string[]) => lab.kubectl(name, [...system, ...args])
    const foreignNow = () =>
      lab.kubectl('west', [
        ...['-n', 'sample', 'get', 'gateways.gateway.networking.k8s.io', 'foreign'],
        ...['-o', 'jsonpath={.metadata.uid} {.metadata.generation} {.metadata.labels} {.spec}'],
      ])
    const throughSidecars = [`${east.address}:15443`]

    test('federate --data-plane both adds the gateways; sidecars keep theirs', async () => {
      foreignBefore = await foreignNow()
      expect(await endpoints()).toEqual(throughSidecars)
      const running = mesh(lab, ['federate', ...flags, '--data-plane', 'both'])
      for (const {name, ambientAddress} of clusters)
        await vi.waitUntil(
          () =>
            lab.setAddress(name, 'istio-system', ambientGateway, ambientAddress).then(
              () => true,
              () => false,
            ),
          {timeout: 60_000, interval: 500},
        )
      const {code, stdout, stderr} = await running
      expect(code, stderr).toBe(0)
      for (const {name, address, ambientAddress} of clusters)
        expect(stdout).toMatch(new RegExp(`^${name} .* ${address},${ambientAddress}:15008 .* joined$`, 'm'))
      await expect
        .poll(() => ztunnelGateways(west), {timeout: 60_000, interval: 500})
        .toEqual([`${east.network}/${east.ambientAddress}:15008`])
      await requests.more()
      expect(await endpoints()).toEqual(throughSidecars)
      // Ingress gateways get no endpoints of other networks, which mesh ingress deploy reports.
      expect(await endpoints({type: 'router', labels: {istio: 'ingressgateway'}})).toEqual([])
      const again = await mesh(lab, ['federate', ...flags, '--data-plane', 'both', '--dry-run=server', '--exit-code'])
      expect(again.code, again.stdout).toBe(0)
    })

    test('federate --data-plane sidecar removes them, with what istiod created, and nothing else', async () => {
      const {code, stderr} = await mesh(lab, ['federate', ...flags, '--data-plane', 'sidecar'])
      expect(code, stderr).toBe(0)
      expect(stderr).toContain('the data plane changes from both to sidecar')
      for (const side of clusters) {
        const left = () =>
          kubectl(side, ['get', 'gateways.gateway.networking.k8s.io,deployments,services,configmaps', '-o', 'name'])
        await expect.poll(left, {timeout: 60_000, interval: 500}).not.toContain('ambient')
        expect(await left()).toContain('service/istio-eastwestgateway\n')
        await expect.poll(() => ztunnelGateways(side), {timeout: 60_000, interval: 500}).toEqual([])
      }
      expect(await foreignNow()).toBe(foreignBefore)
      await requests.more()
      expect(await endpoints()).toEqual(throughSidecars)
      const again = await mesh(lab, ['federate', ...flags, '--dry-run=server', '--exit-code'])
      expect(again.code, again.stdout).toBe(0)
    })

    test('no request failed', async () => {
      const answers = await requests.stop()
      expect(answers).toEqual({200: expect.any(Number)})
      expect(answers[200]).toBeGreaterThan(100)
    })
  },
)

/** Every request needs a new connection through both networks, and no retry hides a failure. */
const undisguised = [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: {name: 'helloworld', namespace: 'sample'},
    spec: {host, trafficPolicy: {connectionPool: {http: {maxRequestsPerConnection: 1}}}},
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: {name: 'helloworld', namespace: 'sample'},
    spec: {hosts: [host], http: [{route: [{destination: {host}}], retries: {attempts: 0}}]},
  },
]

/** A gateway of another owner, for the pods of its namespace. */
const foreign = {
  apiVersion: 'gateway.networking.k8s.io/v1',
  kind: 'Gateway',
  metadata: {namespace: 'sample', name: 'foreign', labels: {'istio.io/waypoint-for': 'service'}},
  spec: {gatewayClassName: 'istio-waypoint', listeners: [{name: 'mesh', port: 15_008, protocol: 'HBONE'}]},
}
