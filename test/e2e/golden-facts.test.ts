import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {dump, load, loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {goldenObjects} from '../support/golden-objects.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type AskOptions, type Lab, startLab} from '../support/lab/lab.ts'
import type {AnyObject} from '../support/servers/api.ts'

const goldenFolder = join(import.meta.dirname, '..', 'golden')
const apps = ['shop', 'trade', 'vm', 'authz', 'istio-ingress'] as const
const systems = ['mesh', 'istio-team', 'istio-team-a', 'usergroup-1', 'mesh-verify-abc123'] as const

const service = (namespace: string, name: string, ports: Record<string, number>, selector?: object) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {namespace, name},
  spec: {
    ...(selector ? {selector} : {}),
    ports: Object.entries(ports).map(([port, number]) => ({name: port, port: number})),
  },
})
const entry = (namespace: string, host: string, addresses: Record<string, object>) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: {namespace, name: host},
  spec: {
    hosts: [host],
    location: 'MESH_INTERNAL',
    resolution: 'STATIC',
    ports: [{number: 80, name: 'http', protocol: 'HTTP'}],
    endpoints: Object.entries(addresses).map(([address, more]) => ({address, ...more})),
  },
})
const deployment = (namespace: string, labels: Record<string, string>) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {namespace, name: 'web'},
  spec: {
    selector: {matchLabels: labels},
    template: {
      metadata: {labels: {...labels, 'security.istio.io/tlsMode': 'istio'}},
      spec: {containers: [{name: 'istio-proxy', image: 'x'}]},
    },
  },
})
const gateway = (namespace: string, name: string, selector: object) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'Gateway',
  metadata: {namespace, name},
  spec: {selector, servers: [{hosts: ['*'], port: {name: 'http', number: 80, protocol: 'HTTP'}}]},
})
const places = {
  '10.9.0.1': {locality: 'a/1', labels: {version: 'v1'}},
  '10.9.0.2': {locality: 'b/1', labels: {version: 'v2'}},
  '10.9.0.3': {locality: 'c/1', labels: {version: 'v1'}},
  '10.9.0.4': {locality: 'a/2', labels: {version: 'v2'}},
}

/** What the objects of golden files refer to. */
const surroundings = [
  ...[...apps, ...systems].map(name => ({apiVersion: 'v1', kind: 'Namespace', metadata: {name}})),
  service('shop', 'cart', {http: 80}),
  service('trade', 'pay', {http: 80}),
  service('trade', 'ship', {http: 80}),
  entry('trade', 'history.trade.global', {'203.0.113.5': {}}),
  entry('trade', 'pay.trade.svc.k8s.example.com', {'203.0.113.6': {}}),
  service('shop', 'front', {http: 80}, {app: 'web'}),
  deployment('shop', {app: 'web'}),
  entry('shop', 'web.shop.svc.cluster.local', places),
  entry('shop', 'api.example.com', places),
  entry('shop', 'zones.example.com', {'10.9.1.1': {locality: '/1'}, '10.9.1.2': {locality: '/2'}}),
  service('authz', 'ext-authz', {grpc: 9000}),
  gateway('istio-system', 'http', {istio: 'ingressgateway'}),
  // adsq waits for routes.
  gateway('istio-system', 'http-east-west', {istio: 'eastwestgateway'}),
  gateway('shop', 'public', {'gateway.networking.k8s.io/gateway-name': 'public'}),
]

const eastWest: AskOptions = {type: 'router', namespace: 'istio-system', labels: {istio: 'eastwestgateway'}, raw: true}
const ingress: AskOptions = {...eastWest, labels: {istio: 'ingressgateway'}}
const hello = 'hello.sample.global'
const helloSni = 'outbound_.5000_._.hello.sample.svc'

/**
 * The objects that a real istiod has read here, by kind and spec. Golden files of other features contain some of them too.
 */
const seen = new Set<string>()
const keyOf = ({kind, spec}: AnyObject) => JSON.stringify([kind, spec])

describe.skipIf(!inject('lab').clusters)('what a real istiod makes of the objects in golden files', () => {
  let lab: Lab
  let web: AskOptions
  /** The istiod of the default revision. */
  let main: string

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    main = (await installControlPlane(lab, 'east')).xds
    await apply(surroundings)
    await lab.kubectl('east', ['-n', 'shop', 'rollout', 'status', 'deployment/web', '--timeout=60s'])
    const pod = ['-n', 'shop', 'get', 'pod', '-l', 'app=web', '-o', 'jsonpath={.items[0].status.podIP}']
    web = {namespace: 'shop', ip: await lab.kubectl('east', pod), labels: {app: 'web'}, raw: true}
  })

  afterAll(() => lab?.stop())

  const list = (items: readonly object[]) => ({input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
  const apply = (items: readonly object[]) => lab.kubectl('east', ['apply', '-f', '-'], list(items))

  /** Applies the Istio objects of a golden file while `check` runs. */
  async function withGolden(
    file: string,
    check: () => Promise<void>,
    change: (object: AnyObject) => AnyObject = object => object,
  ): Promise<void> {
    const objects = (await goldenObjects()).filter(golden => golden.file === file).map(({object}) => object)
    expect(objects.length).toBeGreaterThan(0)
    for (const object of objects) seen.add(keyOf(object))
    const unique = [
      ...new Map(objects.map(change).map(object => [`${object.kind}/${object.metadata.name}`, object])).values(),
    ]
    await apply(unique)
    try {
      await check()
    } finally {
      await lab.kubectl('east', ['delete', '-f', '-'], list(unique))
    }
  }

  const askIstiod = (proxy: AskOptions, target = main) => lab.ask(target, {cluster: 'east', ...proxy})
  const textOf = async (proxy: AskOptions, target = main) => JSON.stringify((await askIstiod(proxy, target)).raw)
  // expect.poll calls its function with an argument.
  const poll = <T>(ask: () => Promise<T>) => expect.poll(() => ask(), {timeout: 30_000, interval: 300})

  /** Starts a second istiod, which reads only what is labelled with its revision or not at all. */
  async function revisionOf(revision: string, systemNamespace: string): Promise<string> {
    const {xds} = await lab.istiod('east', {index: 2, revision, systemNamespace})
    return xds
  }

  /** The hosts of the SNI of a gateway's filter chains, of AUTO_PASSTHROUGH or of `port`. */
  async function sniHosts(target = main): Promise<string[]> {
    const {raw} = await askIstiod(eastWest, target)
    const names = JSON.stringify(raw!.listeners).matchAll(/"outbound_\.\d+_\._\.([^"]+)"/g)
    return [...new Set([...names].map(([, host]) => host!))].sort()
  }

  describe('cross-network Gateways', () => {
    const [cart, pay, history] = ['cart.shop.svc.cluster.local', 'pay.trade.svc.cluster.local', 'history.trade.global']

    test('exposure/all.yaml: all Services, and no host under .global', () =>
      withGolden('exposure/all.yaml', async () => {
        await poll(sniHosts).toEqual(expect.arrayContaining([cart, pay, 'istiod.istio-system.svc.cluster.local']))
        expect(await sniHosts()).not.toContain(history)
      }))

    test('exposure/hosts-revision.yaml: the listed hosts only, for every revision', () =>
      withGolden('exposure/hosts-revision.yaml', async () => {
        const expected = [cart, 'front.shop.svc.cluster.local', 'web.shop.svc.cluster.local', history, pay].sort()
        await poll(sniHosts).toEqual(expected)
        const other = await revisionOf('r1', 'mesh')
        await poll(() => sniHosts(other)).toEqual(expected)
      }))

    test('federation/revision-namespace-domain.yaml: the Services of another cluster domain', () =>
      withGolden('federation/revision-namespace-domain.yaml', async () => {
        await poll(sniHosts).toEqual(['pay.trade.svc.k8s.example.com'])
      }))

    test("exposure/tenant.yaml: only the tenant's istiod reads it", () =>
      withGolden('exposure/tenant.yaml', async () => {
        const tenant = await revisionOf('team-a', 'istio-team-a')
        await poll(() => sniHosts(tenant)).toEqual(expect.arrayContaining([cart, pay]))
        expect(await sniHosts()).toEqual([])
      }))
  })

  describe('exposure of istiod', () => {
    test('expose-istiod/default.yaml: ports 15012 and 15017 lead to istiod for every SNI', () =>
      withGolden('expose-istiod/default.yaml', async () => {
        await poll(async () => (await askIstiod(eastWest)).listeners).toEqual(
          expect.arrayContaining(['0.0.0.0_15012', '0.0.0.0_15017']),
        )
        const text = await textOf(eastWest)
        for (const port of [15012, 443])
          expect(text).toContain(`"cluster":"outbound|${port}||istiod.istio-system.svc.cluster.local"`)
        expect(text).not.toContain('"serverNames"')
      }))

    test('expose-istiod/revision.yaml: for the host names of the istiod of the revision only', () =>
      withGolden('expose-istiod/revision.yaml', async () => {
        const names = '"serverNames":["istiod-r1.mesh.svc","istiod-r1.mesh.svc.corp.example"]'
        await poll(() => textOf(eastWest)).toContain(names)
        const text = await textOf(eastWest)
        for (const port of [15012, 443])
          expect(text).toContain(`"cluster":"outbound|${port}||istiod-r1.mesh.svc.corp.example"`)
      }))
  })

  test('federation/primary-remote.yaml: exposes istiod to a remote cluster, by its host names', () =>
    withGolden('federation/primary-remote.yaml', async () => {
      const host = 'istiod-1-31.istio-system.svc'
      await poll(() => textOf(eastWest)).toContain(`"serverNames":["${host}","${host}.cluster.local"]`)
      expect(await textOf(eastWest)).toContain(`"cluster":"outbound|15012||${host}.cluster.local"`)
    }))

  describe('imported services', () => {
    const client: AskOptions = {namespace: 'default', network: 'net-west', grep: hello, raw: true}
    const ask = (target = main) => askIstiod(client, target)
    const endpointsOf = async (target?: string) =>
      ((await ask(target)).endpoints[`outbound|5000||${hello}`] ?? []).map(
        each => `${each.address}:${each.port} ${each.locality}`,
      )
    const clusterOf = async () => JSON.stringify((await ask()).raw!.clusters[`outbound|5000||${hello}`])

    test('service-export/one-exporter.yaml: mTLS with the SNI and the identity of the exporter', () =>
      withGolden('service-export/one-exporter.yaml', async () => {
        await poll(endpointsOf).toEqual(['203.0.113.4:15443 eu/eu-1'])
        const cluster = await clusterOf()
        expect(cluster).toContain(`"sni":"${helloSni}.cluster.local"`)
        expect(cluster).toContain('"matchSubjectAltNames":[{"exact":"spiffe://cluster.local/ns/sample/sa/hello"}]')
      }))

    test('service-export/own-address.yaml: a TCP port has a listener on the address', () =>
      withGolden('service-export/own-address.yaml', async () => {
        await poll(async () => (await ask()).listeners).toContain('240.241.3.7_9000')
        expect(await clusterOf()).toContain(`"sni":"${helloSni}.cluster.local"`)
      }))

    test('service-export/two-exporters.yaml: an endpoint per address, with the node port and IPv6', () =>
      withGolden('service-export/two-exporters.yaml', async () => {
        await poll(async () => (await endpointsOf()).sort()).toEqual([
          '2001:db8::21:31443 ',
          '203.0.113.21:31443 ',
          '203.0.113.4:15443 eu/eu-1',
        ])
        for (const account of ['hello', 'other'])
          expect(await clusterOf()).toContain(`{"exact":"spiffe://cluster.local/ns/sample/sa/${account}"}`)
      }))

    test('service-export/host-name-revision-domain.yaml: proxies resolve a host name, and the SNI has the domain of the exporter', () =>
      withGolden('service-export/host-name-revision-domain.yaml', async () => {
        await poll(clusterOf).toContain('"type":"STRICT_DNS"')
        const cluster = await clusterOf()
        expect(cluster).toContain('"address":"gw.example.org","portValue":15443')
        expect(cluster).toContain(`"sni":"${helloSni}.k8s.example.com"`)
      }))

    test("service-export/tenant.yaml: only the tenant's istiod reads it", () =>
      withGolden('service-export/tenant.yaml', async () => {
        const tenant = await revisionOf('team', 'istio-team')
        await poll(() => endpointsOf(tenant)).toEqual(['203.0.113.4:15443 eu/eu-1'])
        expect(await endpointsOf()).toEqual([])
      }))

    test('federate-verify/hello-imports.yaml: the same for the temporary service', () =>
      withGolden('federate-verify/hello-imports.yaml', async () => {
        const host = 'helloworld.mesh-verify-abc123.global'
        await poll(async () => {
          const {endpoints} = await askIstiod({...client, grep: host})
          return endpoints[`outbound|5000||${host}`] ?? []
        }).toEqual([
          expect.objectContaining({port: 15443, tls: 'istio'}),
          expect.objectContaining({port: 15443, tls: 'istio'}),
        ])
      }))
  })

  describe('localities', () => {
    /** The priority of each locality for a client in a/1. */
    async function priorities(host = 'web.shop.svc.cluster.local'): Promise<Record<string, number>> {
      const client = {namespace: 'shop', locality: 'a/1', labels: {version: 'v1'}, grep: host}
      const {endpoints} = await askIstiod(client)
      const found = endpoints[`outbound|80||${host}`] ?? []
      return Object.fromEntries(found.map(({locality, priority}) => [locality, priority]))
    }

    test('locality/plain.yaml: own zone first, then own region', () =>
      withGolden('locality/plain.yaml', async () => {
        await poll(priorities).toEqual({'a/1': 0, 'a/2': 1, 'b/1': 2, 'c/1': 2})
      }))

    test('locality/plain.yaml, endpoints with a zone and no region: own zone first', () =>
      withGolden(
        'locality/plain.yaml',
        async () => {
          const asked = {namespace: 'shop', locality: '/1', grep: 'zones.example.com'}
          const sent = async () => {
            const {endpoints} = await askIstiod(asked)
            const found = endpoints['outbound|80||zones.example.com'] ?? []
            return Object.fromEntries(found.map(({locality, priority}) => [locality, priority]))
          }
          // The empty region is left out.
          await poll(sent).toEqual({1: 0, 2: 1})
        },
        object => withFields(object, {host: 'zones.example.com'}, {}),
      ))

    test('locality/failover-revision.yaml: then the region of the failover', () =>
      withGolden('locality/failover-revision.yaml', async () => {
        await poll(priorities).toEqual({'a/1': 0, 'a/2': 1, 'b/1': 2, 'c/1': 3})
      }))

    test('locality/merged.yaml: by region, then by version, together with the fields of the existing rule', () =>
      withGolden(
        'locality/merged.yaml',
        async () => {
          await poll(priorities).toEqual({'a/2': 0, 'a/1': 1, 'b/1': 2, 'c/1': 2})
        },
        object =>
          withFields(object, {host: 'web.shop.svc.cluster.local'}, {outlierDetection: {consecutive5xxErrors: 5}}),
      ))

    test('locality/distribute-external.yaml: the listed regions only', () =>
      withGolden('locality/distribute-external.yaml', async () => {
        await poll(() => priorities('api.example.com')).toEqual({'a/1': 0, 'a/2': 0, 'b/1': 0})
      }))
  })

  describe('authorizers', () => {
    const upstream = 'outbound|9000||ext-authz.authz.svc.cluster.local'

    /** Adds the extension providers of a golden file to the mesh config while `check` runs. */
    async function withProvider(file: string, check: () => Promise<void>): Promise<void> {
      const documents = loadAll(await readFile(join(goldenFolder, file), 'utf8')) as {meshConfig?: object}[]
      const configMap = ['-n', 'istio-system', 'configmap', 'istio']
      const before = await lab.kubectl('east', ['get', ...configMap, '-o', 'jsonpath={.data.mesh}'])
      const set = (mesh: string) =>
        lab.kubectl('east', ['patch', ...configMap, '--type=merge', '-p', JSON.stringify({data: {mesh}})])
      await set(dump({...(load(before) as object), ...documents.find(each => each?.meshConfig)!.meshConfig}))
      await withGolden(file, check).finally(() => set(before))
    }
    const filterOf = async (proxy: AskOptions) =>
      /\{"name":"envoy\.filters\.http\.ext_authz".*?\}\}(?=,\{"name"|\])/.exec(await textOf(proxy))?.[0] ?? ''
    const grpc = (proxy: AskOptions) => async () => {
      await poll(() => filterOf(proxy)).toContain(`"clusterName":"${upstream}"`)
      expect(await filterOf(proxy)).toContain('"timeout":"5s"')
      expect(await filterOf(proxy)).not.toContain('"failureModeAllow":true')
    }
    const publicGateway: AskOptions = {
      ...eastWest,
      namespace: 'shop',
      labels: {'gateway.networking.k8s.io/gateway-name': 'public'},
    }

    test('authz/grpc-gateway.yaml: the gateway asks before it routes', () =>
      withProvider('authz/grpc-gateway.yaml', grpc(ingress)))
    test('authz/gateway-api.yaml: a gateway of the Gateway API', () =>
      withProvider('authz/gateway-api.yaml', grpc(publicGateway)))
    test('authz/namespace.yaml: all workloads of the namespace', () => withProvider('authz/namespace.yaml', grpc(web)))
    test('authz/filter-grpc.yaml: the same without the mesh config', () =>
      withGolden('authz/filter-grpc.yaml', grpc(ingress)))

    test('authz/http-workload.yaml: headers, body, paths, fail open', () =>
      withProvider('authz/http-workload.yaml', async () => {
        await poll(() => filterOf(web)).toContain(`"cluster":"${upstream}"`)
        const filter = await filterOf(web)
        for (const text of [
          '"failureModeAllow":true',
          '"maxRequestBytes":8192',
          '"timeout":"0.250s"',
          '"exact":"cookie"',
          '"prefix":"x-"',
        ])
          expect(filter).toContain(text)
        const rules = await textOf(web)
        expect(rules).toContain('"prefix":"/a"')
        expect(rules).toContain('"exact":"/health"')
      }))

    test('authz/filter-http.yaml: the same without the mesh config', () =>
      withGolden('authz/filter-http.yaml', async () => {
        await poll(() => filterOf(web)).toContain(`"cluster":"${upstream}"`)
        for (const text of ['"failureModeAllow":true', '"maxRequestBytes":1', '"exact":"cookie"', '"suffix":"-id"'])
          expect(await filterOf(web)).toContain(text)
      }))
  })

  describe('virtual machines', () => {
    const client: AskOptions = {namespace: 'vm', grep: 'db.example.com', raw: true}
    const endpointsOf = async (port: number) =>
      ((await askIstiod(client)).endpoints[`outbound|${port}||db.example.com`] ?? [])
        .map(each => [each.address, each.port])
        .sort()

    test('vm/by-address.yaml: the addresses, with the target port', () =>
      withGolden('vm/by-address.yaml', async () => {
        await poll(() => endpointsOf(80)).toEqual([
          ['10.0.0.5', 8080],
          ['2001:DB8::1', 8080],
        ])
        expect(await endpointsOf(5432)).toEqual([
          ['10.0.0.5', 5432],
          ['2001:DB8::1', 5432],
        ])
      }))

    test('vm/by-host-name.yaml: proxies resolve the host name', () =>
      withGolden('vm/by-host-name.yaml', async () => {
        const cluster = async () =>
          JSON.stringify((await askIstiod(client)).raw!.clusters['outbound|5432||db.example.com'])
        await poll(cluster).toContain('"type":"STRICT_DNS"')
        expect(await cluster()).toContain('"address":"db.corp.example","portValue":5432')
      }))

    test('vm/all-settings.yaml: a host of each form', () =>
      withGolden('vm/all-settings.yaml', async () => {
        const clusters = async () => (await askIstiod({namespace: 'vm', grep: 'web.'})).clusters
        await poll(clusters).toEqual(
          expect.arrayContaining(['outbound|80||web.vm.svc.cluster.local', 'outbound|5432||web.example.com']),
        )
      }))
  })

  describe('certificates of ingress gateways', () => {
    const edge: AskOptions = {...ingress, namespace: 'istio-ingress'}
    const secret = '"name":"kubernetes://shop-example-com-tls"'

    test('ingress/tls-simple.yaml: the certificate for the host', () =>
      withGolden('ingress/tls-simple.yaml', async () => {
        await poll(() => textOf(edge)).toContain(secret)
        const text = await textOf(edge)
        expect(text).toContain('"serverNames":["shop.example.com"]')
        expect(text).not.toContain('"requireClientCertificate":true')
      }))

    test('ingress/tls-mutual.yaml: a client certificate is required', () =>
      withGolden('ingress/tls-mutual.yaml', async () => {
        await poll(() => textOf(edge)).toContain('"name":"kubernetes://shop-example-com-tls-cacert"')
        expect(await textOf(edge)).toContain('"requireClientCertificate":true')
      }))

    test('ingress/tls-secret-redirect.yaml: the certificate of an existing Secret', () =>
      withGolden('ingress/tls-secret-redirect.yaml', async () => {
        await poll(() => textOf(edge)).toContain('"name":"kubernetes://theirs"')
        expect(await textOf(edge)).toContain('"serverNames":["*.example.com"]')
      }))
  })

  test('tenant/none.yaml: plain text is rejected in the whole tenant, and nowhere else', () =>
    withGolden('tenant/none.yaml', async () => {
      await lab.kubectl('east', [
        ...['-n', 'usergroup-1', 'create', 'configmap', 'istio-usergroup-1'],
        '--from-literal=mesh=rootNamespace: usergroup-1',
      ])
      const tenant = await revisionOf('usergroup-1', 'usergroup-1')
      const inbound = async (target?: string) =>
        JSON.stringify((await askIstiod(web, target)).raw!.listeners.virtualInbound)
      const plain = '"transportProtocol":"raw_buffer"'
      await poll(() => inbound(tenant)).not.toContain(plain)
      expect(await inbound()).toContain(plain)
    }))

  test('every Istio object of a golden file was read here, or by the test that test/golden/README.md names', async () => {
    const others = ['WorkloadGroup', 'Telemetry', 'Istio', 'IstioRevisionTag']
    const missing = (await goldenObjects()).filter(
      ({object}) => !others.includes(object.kind) && !seen.has(keyOf(object)),
    )
    expect(missing.map(({file, object}) => `${file}: ${object.kind} ${object.metadata.name}`)).toEqual([])
  })
})

/** The object as the API server merges it with fields of another owner. */
function withFields(object: AnyObject, spec: object, trafficPolicy: object): AnyObject {
  const own = object.spec as {trafficPolicy: object}
  return {...object, spec: {...own, ...spec, trafficPolicy: {...own.trafficPolicy, ...trafficPolicy}}}
}
