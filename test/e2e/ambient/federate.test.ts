import {createServer, type Server} from 'node:net'
import {join} from 'node:path'
import {dump, load} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {readAmbientz} from '../../../src/mesh/ambient/istio-ambientz.ts'
import {ambientEnv, installControlPlane} from '../../support/lab/control-plane.ts'
import {type Istiod, type Lab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../../support/lab/mesh.ts'
import type {Ran} from '../../support/run.ts'

// Loopback addresses of this process alone, so that the gateways are reachable from this machine.
const east = {name: 'east', network: 'net-east', address: `127.${process.pid % 250}.62.11`} as const
const west = {name: 'west', network: 'net-west', address: `127.${process.pid % 250}.62.12`} as const
const clusters = [east, west] as const
type Side = (typeof clusters)[number]
const pairs = [
  [east, west],
  [west, east],
] as const

const system = ['-n', 'istio-system'] as const
const gatewayName = 'istio-eastwestgateway-ambient'
const gateway = `gateways.gateway.networking.k8s.io/${gatewayName}`
const host = 'demo/hello.demo.svc.cluster.local'

/** A Service with one pod that a ztunnel would capture: istio-cni sets the annotation. */
const workload = [
  {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'demo', labels: {'istio.io/dataplane-mode': 'ambient'}}},
  {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {namespace: 'demo', name: 'hello'}},
  {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {namespace: 'demo', name: 'hello', labels: {'istio.io/global': 'true'}},
    spec: {selector: {app: 'hello'}, ports: [{name: 'http', port: 80}]},
  },
  {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {namespace: 'demo', name: 'hello'},
    spec: {
      selector: {matchLabels: {app: 'hello'}},
      template: {
        metadata: {labels: {app: 'hello'}, annotations: {'ambient.istio.io/redirection': 'enabled'}},
        spec: {serviceAccountName: 'hello', containers: [{name: 'hello', image: 'hello'}]},
      },
    },
  },
]

interface Report {
  verified: {title: string; findings: {check: string; message: string}[]}[]
}

describe.skipIf(!inject('lab').clusters)('mesh federate of two ambient meshes with real istiods', () => {
  let lab: Lab
  let federate: string[]
  const servers: Server[] = []
  /** URLs of the istiods, by cluster. */
  const urls = new Map<string, string>()

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name)})
    const items = workload
    for (const {name, network, address} of clusters) {
      await lab.installGatewayCrds(name)
      await installControlPlane(lab, name, {network, ambient: true, withoutReaderRole: true})
      await lab.kubectl(name, ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
      const server = createServer(socket => socket.end()).listen(15008, address)
      await new Promise((resolve, reject) => server.once('listening', resolve).once('error', reject))
      servers.push(server)
    }
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    federate = ['federate', '--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--yes']
  })

  afterAll(async () => {
    for (const server of servers) server.close()
    await lab?.stop()
  })

  const kubectl = ({name}: Side, args: readonly string[]) => lab.kubectl(name, [...system, ...args])
  const patch = (side: Side, spec: object) =>
    kubectl(side, ['patch', gateway, '--type=merge', '-p', JSON.stringify({spec})])
  const label = ({name}: Side, value: string) =>
    lab.kubectl(name, ['-n', 'demo', 'label', '--overwrite', 'service', 'hello', value])

  /** What the ztunnel of a cluster knows of the other network. */
  async function knownBy(side: Side, other: Side, of = host) {
    const {services, workloads} = await lab.askZtunnel(side.name, side.network)
    const remote = Object.entries(workloads).filter(([, {network}]) => network === other.network)
    return {service: services[of], remote: Object.fromEntries(remote)}
  }

  const splitHorizon = ({network, address}: Side, of = host) =>
    `${network}/SplitHorizonWorkload/istio-system/${gatewayName}/${address}/${of}`
  /** Waits until the ztunnels of a cluster know a service of the other network, or do not know it any more. */
  const knows = (side: Side, other: Side, is: boolean, of = host) =>
    expect
      .poll(async () => splitHorizon(other, of) in (await knownBy(side, other, of)).remote, {
        timeout: 60_000,
        interval: 500,
      })
      .toBe(is)

  /** Changes the mesh config of a cluster, which its istiod reads at once. Returns a function that restores it. */
  async function editMeshConfig(side: Side, change: object): Promise<() => Promise<unknown>> {
    const text = await kubectl(side, ['get', 'configmap', 'istio', '-o', 'jsonpath={.data.mesh}'])
    const write = (mesh: string) =>
      kubectl(side, ['patch', 'configmap', 'istio', '--type=merge', '-p', JSON.stringify({data: {mesh}})])
    await write(dump({...(load(text) as object), ...change}))
    return () => write(text)
  }

  /** Restarts istiod, which reads `cacerts` at its start, and forwards its debug port to it. */
  async function restart({name}: Side, env: Record<string, string> = {}): Promise<void> {
    const {http}: Istiod = await lab.istiod(name, {env: {...ambientEnv, ...env}})
    urls.set(name, http)
    const pods = await lab.kubectl(name, [...system, 'get', 'pods', '-l', 'app=istiod', '-o', 'name'])
    const [pod] = pods.trim().split('\n')
    await lab.forward(
      name,
      {namespace: 'istio-system', name: pod!.replace('pod/', '')},
      8080,
      Number(new URL(http).port),
    )
  }

  /** Verifies until all of these findings are reported; without any, until none is. */
  async function finds(expected: readonly string[]): Promise<string> {
    let last = ''
    const read = async () => {
      const {stdout, stderr}: Ran = await mesh(lab, ['federate', 'verify', '--contexts', 'east,west', '-o', 'json'])
      last = stdout || stderr
      const found = (JSON.parse(stdout) as Report).verified.flatMap(({title, findings}) =>
        findings.map(({check}) => `${title.split(' ')[0]} ${check}`),
      )
      // The version of the lab has a defect, which is reported too.
      return [...new Set(found.filter(one => !one.endsWith(' ambient-version')))]
    }
    if (expected.length === 0) await expect.poll(read, {timeout: 60_000, interval: 1000}).toEqual([])
    else await expect.poll(read, {timeout: 60_000, interval: 1000}).toEqual(expect.arrayContaining([...expected]))
    return last
  }

  test('before: a ztunnel knows nothing of the other network; istiod has created the GatewayClass', async () => {
    for (const [side, other] of pairs) {
      expect(await knownBy(side, other)).toMatchObject({service: {sans: []}, remote: {}})
      expect(await lab.kubectl(side.name, ['get', 'gatewayclasses', '-o', 'name'])).toContain('/istio-east-west\n')
    }
  })

  test('federate detects ambient mode, and waits for the load balancer although istiod reports a ClusterIP', async () => {
    const running = mesh(lab, [...federate, '--timeout', '120s'])
    for (const side of clusters) {
      const path = '{.status.addresses[0].value} {.status.conditions[?(@.type=="Programmed")].status}'
      const state = () => kubectl(side, ['get', gateway, '-o', `jsonpath=${path}`]).catch(() => '')
      await expect.poll(state, {timeout: 60_000, interval: 500}).toMatch(/^10\.\d+\.\d+\.\d+ False$/)
    }
    const secrets = await kubectl(east, ['get', 'secrets', '-o', 'name'])
    expect(secrets).not.toContain('istio-remote-secret')
    for (const {name, address} of clusters) await lab.setAddress(name, 'istio-system', gatewayName, address)
    const {code, stdout, stderr} = await running
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('data plane: ambient')
    for (const {name, address} of clusters)
      expect(stdout).toMatch(new RegExp(`^${name} .* ${address}:15008 .* joined`, 'm'))
    for (const side of clusters) await restart(side)
    const again = await mesh(lab, [...federate, '--dry-run=server', '--exit-code'])
    expect(again.code, again.stdout).toBe(0)
  })

  test('a ztunnel knows the service of the other network behind its gateway, with virtual addresses and identities', async () => {
    for (const [side, other] of pairs) {
      await expect
        .poll(async () => Object.keys((await knownBy(side, other)).remote).sort(), {timeout: 60_000, interval: 500})
        .toEqual([`NetworkGateway/${other.network}/${other.address}/0`, splitHorizon(other)])
      const {service, remote} = await knownBy(side, other)
      expect(remote[splitHorizon(other)]).toMatchObject({
        addresses: [],
        protocol: 'HBONE',
        gateway: `${other.network}/${other.address}:15008`,
        capacity: 1,
        cluster: other.name,
        services: [host],
      })
      expect(service?.sans).toEqual(['spiffe://cluster.local/ns/demo/sa/hello'])
      expect(service?.addresses.map(address => address.split('/')[0])).toEqual([east.network, west.network])
    }
  })

  test('verify reads the same from the debug page, with the workloads of the own cluster', async () => {
    for (const [side, other] of pairs) {
      const page = await lab.runOk(['curl', '-fsS', `${urls.get(side.name)}/debug/ambientz`])
      const details = readAmbientz(page).details.get(host)!
      expect(details.capacity).toEqual(new Map([[other.network, 1]]))
      expect(details.workloads).toEqual(new Map([[side.name, ['ns/demo/sa/hello']]]))
      expect([...details.identities]).toEqual(['spiffe://cluster.local/ns/demo/sa/hello'])
      expect([...details.addresses.keys()].sort()).toEqual([east.network, west.network])
    }
  })

  test('the gateway terminates HBONE, and leads to shared Services only', async () => {
    const labels = {
      'gateway.networking.k8s.io/gateway-name': gatewayName,
      'gateway.istio.io/managed': 'istio.io-eastwest-controller',
    }
    const {network} = east
    const {listeners, clusters: all} = await lab.ask('east', {
      ...{type: 'waypoint', network, namespace: 'istio-system', labels},
    })
    expect(listeners.sort()).toEqual(['connect_terminate', 'forward_inner_connect', 'main_internal'])
    expect(all.filter(name => name.startsWith('inbound-vip|'))).toEqual([
      'inbound-vip|80|tcp|hello.demo.svc.cluster.local',
    ])
  })

  test('verify finds nothing; status shows the gateways', async () => {
    await finds([])
    expect(await meshOk(lab, ['federate', 'status', '--contexts', 'east,west'])).toMatch(
      new RegExp(`^west .* ${west.address}:15008 `, 'm'),
    )
  })

  test.each([
    ['another class', {gatewayClassName: 'istio-waypoint'}, ['its class is istio-waypoint, not istio-east-west']],
    [
      'another TLS mode',
      {listeners: [{name: 'mesh', port: 15008, protocol: 'HBONE', tls: {mode: 'Passthrough'}}]},
      ['is not Terminate'],
    ],
  ])('a gateway with %s is ignored, and verify reports it; federate repairs it', async (_, spec, texts) => {
    await patch(west, spec)
    await vi.waitUntil(async () => Object.keys((await knownBy(east, west)).remote).length === 0, {
      timeout: 60_000,
      interval: 500,
    })
    const report = await finds(['west ambient-gateway'])
    for (const text of texts) expect(report).toContain(text)
    // With the class of a waypoint, istiod makes the Service one without a load balancer, which loses its address. A load balancer
    // sets it again when istiod changes it back.
    const type = 'gatewayClassName' in spec ? 'ClusterIP' : 'LoadBalancer'
    await expect
      .poll(() => kubectl(west, ['get', 'service', gatewayName, '-o', 'jsonpath={.spec.type}']), {timeout: 60_000})
      .toBe(type)
    let isDone = false
    const balance = async () => {
      while (!isDone) {
        await lab.setAddress('west', 'istio-system', gatewayName, west.address).catch(() => undefined)
        await new Promise(resolve => setTimeout(resolve, 500))
      }
    }
    const balanced = balance()
    try {
      const repaired = await mesh(lab, [...federate, '--force-conflicts', '--timeout', '90s'])
      expect(repaired.code, repaired.stderr).toBe(0)
      await finds([])
    } finally {
      isDone = true
      await balanced
    }
  })

  test('a Service without the label is not shared, and verify reports it', async () => {
    await label(east, 'istio.io/global-')
    await vi.waitUntil(async () => (await knownBy(east, west)).remote[splitHorizon(west)] === undefined, {
      timeout: 60_000,
      interval: 500,
    })
    expect(await finds(['east ambient-services'])).toContain('label service hello istio.io/global=true')
    await label(east, 'istio.io/global=true')
    await finds([])
  })

  test('a namespace without the label of the network', async () => {
    await lab.kubectl('west', ['label', 'namespace', 'istio-system', 'topology.istio.io/network-'])
    await finds(['west network-label'])
    await meshOk(lab, [...federate, '--timeout', '60s'])
    await finds([])
  })

  test('a Service that is missing in one cluster', async () => {
    const {name} = east
    await lab.kubectl(name, ['-n', 'demo', 'delete', 'service', 'hello'])
    expect(await finds(['east services'])).toContain('create a Service with the same name, namespace and ports')
    const items = workload
    await lab.kubectl(name, ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
    await finds([])
  })

  test('a gateway without an address: istiod reports a ClusterIP, which does not count', async () => {
    const patch = JSON.stringify({status: {loadBalancer: {ingress: null}}})
    await kubectl(west, ['patch', 'service', gatewayName, '--subresource=status', '--type=merge', '-p', patch])
    const report = await finds(['west ambient-gateway'])
    expect(report).toContain('has no address, so ztunnels of other clusters cannot reach pods of this cluster')
    expect(report).toContain(`describe gateways.gateway.networking.k8s.io ${gatewayName}`)
    await lab.setAddress('west', 'istio-system', gatewayName, west.address)
    await finds([])
  })

  test('two gateways of one network', async () => {
    const metadata = {name: 'second', namespace: 'istio-system', labels: {'topology.istio.io/network': west.network}}
    const tls = {mode: 'Terminate', options: {'gateway.istio.io/tls-terminate-mode': 'ISTIO_MUTUAL'}}
    const listeners = [{name: 'mesh', port: 15008, protocol: 'HBONE', tls}]
    const second = {
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'Gateway',
      metadata,
      spec: {gatewayClassName: 'istio-east-west', listeners},
    }
    await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify(second)})
    const report = await finds(['west ambient-one-gateway'])
    expect(report).toContain(`istio-system/${gatewayName}, istio-system/second`)
    expect(report).toContain('delete gateways.gateway.networking.k8s.io -n NAMESPACE NAME, for all but one')
    await kubectl(west, ['delete', 'gateways.gateway.networking.k8s.io', 'second'])
    await finds([])
  })

  test('a gateway of a revision that no istiod has', async () => {
    await kubectl(west, ['label', gateway, 'istio.io/rev=other'])
    const report = await finds(['west ambient-gateway-revision'])
    expect(report).toContain('no istiod has the revision other')
    expect(report).toContain(`label --overwrite gateways.gateway.networking.k8s.io ${gatewayName} istio.io/rev=default`)
    await kubectl(west, ['label', gateway, 'istio.io/rev-'])
    await finds([])
  })

  test('a mesh config without serviceScopeConfigs shares nothing; service export is refused', async () => {
    const restore = await editMeshConfig(east, {serviceScopeConfigs: []})
    await knows(east, west, false)
    expect(await finds(['east ambient-scope'])).toContain('--set profile=ambient')
    const exporting = ['service', 'export', 'hello', '-n', 'demo', '--contexts', 'east,west', '--yes']
    const refused = await mesh(lab, exporting)
    expect(refused.code).toBe(3)
    expect(refused.stderr).toContain('east: the label istio.io/global=true has no effect on demo/hello')
    await restore()
    await knows(east, west, true)
    await finds([])
  })

  test('another trust domain', async () => {
    const restore = await editMeshConfig(west, {trustDomain: 'west.example'})
    const report = await finds(['east trust-domain', 'west trust-domain'])
    expect(report).toContain('the trust domain is cluster.local; expected west.example')
    await restore()
    await finds([])
  })

  test('istiod without the switch for several networks', async () => {
    const set = (value: string) =>
      kubectl(east, ['set', 'env', 'deployment/istiod', `AMBIENT_ENABLE_MULTI_NETWORK=${value}`])
    const rolledOut = () => kubectl(east, ['rollout', 'status', 'deployment/istiod', '--timeout=60s'])
    await set('false')
    await rolledOut()
    await restart(east, {AMBIENT_ENABLE_MULTI_NETWORK: 'false'})
    expect((await knownBy(east, west)).remote).toEqual({})
    expect(await finds(['east ambient-istiod'])).toContain('AMBIENT_ENABLE_MULTI_NETWORK=true')
    await set('true')
    await rolledOut()
    await restart(east)
    await knows(east, west, true)
    await finds([])
  })

  test('service export shares a Service with a cluster that has only clients; unexport ends that', async () => {
    const cart = 'shop/cart.shop.svc.cluster.local'
    const items = JSON.parse(JSON.stringify(workload).replaceAll('"demo"', '"shop"').replaceAll('"hello"', '"cart"'))
    delete items[2].metadata.labels
    await lab.kubectl('west', ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
    await knows(east, west, false, cart)
    const flags = ['cart', '-n', 'shop', '--contexts', 'west', '--to', 'east', '--yes']
    await meshOk(lab, ['service', 'export', ...flags])
    await knows(east, west, true, cart)
    const {service, remote} = await knownBy(east, west, cart)
    expect(service?.sans).toEqual(['spiffe://cluster.local/ns/shop/sa/cart'])
    expect(service?.addresses.map(address => address.split('/')[0])).toEqual([east.network, west.network])
    expect(remote[splitHorizon(west, cart)]).toMatchObject({
      gateway: `${west.network}/${west.address}:15008`,
      capacity: 1,
    })
    // The pods of west are local there.
    await knows(west, east, false, cart)
    const list = await meshOk(lab, ['service', 'list', '--contexts', 'east,west', '-n', 'shop'])
    expect(list).toMatch(new RegExp(`^shop/cart +east +client only +${west.network}: 1 behind ${west.address}$`, 'm'))
    expect(list).toMatch(/^shop\/cart +west +shared +-$/m)
    await finds([])
    await meshOk(lab, ['service', 'unexport', ...flags])
    await knows(east, west, false, cart)
    const services = (name: string) => lab.kubectl(name, ['-n', 'shop', 'get', 'services', '-o', 'json'])
    expect(await services('east')).not.toContain('cart')
    expect(await services('west')).not.toContain('istio.io/global')
  })

  test('remove takes back the gateway, and no ztunnel knows the other network any more', async () => {
    await meshOk(lab, ['federate', 'remove', '--contexts', 'west', '--from', 'east', '--yes'])
    await expect.poll(async () => (await knownBy(east, west)).remote, {timeout: 60_000, interval: 500}).toEqual({})
    // istiod's objects are removed with the Gateway.
    await vi.waitUntil(async () => !(await kubectl(west, ['get', 'deployments', '-o', 'name'])).includes(gatewayName), {
      timeout: 60_000,
      interval: 500,
    })
    expect(await kubectl(west, ['get', 'configmaps', '-o', 'name'])).not.toContain('kubectl-mesh')
  })
})
