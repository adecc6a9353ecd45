import {readFile} from 'node:fs/promises'
import {request} from 'node:https'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {buildExposure} from '../../src/mesh/objects-exposure.ts'
import {goldenObjects} from '../support/golden-objects.ts'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Istiod, type Lab, startLab} from '../support/lab/lab.ts'
import type {AnyObject} from '../support/servers/api.ts'

const systemNamespace = 'istio-system'
const clusterDomain = 'cluster.local'

const service = (namespace: string, name: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: {namespace, name},
  spec: {ports: [{name: 'http', port: 80}]},
})
const entry = (namespace: string, name: string, host: string) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: {namespace, name},
  spec: {
    hosts: [host],
    location: 'MESH_INTERNAL',
    resolution: 'STATIC',
    ports: [{number: 80, name: 'http', protocol: 'HTTP'}],
    endpoints: [{address: '203.0.113.5'}],
  },
})

const [pay, ship, cart, history] = [
  'pay.trade.svc.cluster.local',
  'ship.trade.svc.cluster.local',
  'cart.shop.svc.cluster.local',
  'history.trade.global',
] as const
/** Hosts of Services that exist in every cluster of the lab. */
const others = ['istiod.istio-system.svc.cluster.local', 'kubernetes.default.svc.cluster.local']
const everyService = [cart, pay, ship, ...others]

/** `--expose`, the hosts of Services that become reachable, and the hosts of the Gateway if they differ from `--expose`. */
const forms: [expose: string[], reachable: string[], hosts?: string[]][] = [
  [[], everyService, ['*.local']],
  [['*'], [...everyService, history]],
  [['*.local'], everyService],
  [['*/*.global'], [history], ['*.global']],
  [['trade/*'], [pay, ship], ['*.trade.svc.cluster.local']],
  [
    ['trade/*', 'shop/*'],
    [cart, pay, ship],
    ['*.trade.svc.cluster.local', '*.shop.svc.cluster.local'],
  ],
  [['trade/pay'], [pay], [pay]],
  [
    [`trade/${pay}`, history],
    [history, pay],
    [pay, history],
  ],
  [['trade/*.svc.cluster.local'], [pay, ship], ['*.trade.svc.cluster.local']],
  [['./*'], [others[0]!], ['*.istio-system.svc.cluster.local']],
  [['nothing/*'], [], ['*.nothing.svc.cluster.local']],
]

/** Hosts with a namespace, as version 0.1.0 wrote them: istiod ignores the namespace. */
const former: [hosts: string[], reachable: string[]][] = [
  [['trade/*'], [...everyService, history]],
  [['nothing/*'], [...everyService, history]],
  [['./*'], [...everyService, history]],
  [['shop/*.trade.svc.cluster.local'], [pay, ship]],
]

type Gateway = AnyObject & {spec: {servers: {hosts: string[]}[]}}

function gatewayFor(hosts: string[]): Gateway {
  const [change] = buildExposure({cluster: 'east', systemNamespace, clusterDomain, hosts})
  return change!.object as unknown as Gateway
}

/** The Gateway as version 0.1.0 wrote it. */
function formerGateway(hosts: string[]): Gateway {
  const {spec, ...gateway} = gatewayFor([])
  return {...gateway, spec: {servers: [{...spec.servers[0]!, hosts}]}}
}

const gateways = [...forms.map(([expose]) => gatewayFor(expose)), ...former.map(([hosts]) => formerGateway(hosts))]

describe.skipIf(!inject('lab').clusters)('what a real istiod makes of our objects', () => {
  let lab: Lab
  let istiod: Istiod

  beforeAll(async () => {
    lab = await startLab({clusters: ['east']})
    istiod = await installControlPlane(lab, 'east', {meshConfig: {trustDomainAliases: ['west.example']}})
  })

  afterAll(() => lab?.stop())

  test('--expose: the gateway accepts the SNI of the listed Services only', async () => {
    for (const namespace of ['trade', 'shop']) await lab.kubectl('east', ['create', 'namespace', namespace])
    // Each Gateway is read by a proxy with its own label.
    const labelled = gateways.map(({spec, ...gateway}, at) => ({
      ...gateway,
      metadata: {...gateway.metadata, name: `gateway-${at}`},
      spec: {...spec, selector: {gateway: `${at}`}},
    }))
    const items = [
      ...[service('trade', 'pay'), service('trade', 'ship'), service('shop', 'cart')],
      ...[entry('trade', 'history', history), ...labelled],
    ]
    await lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})
    const expected = [...forms, ...former].map(([, reachable]) => [...reachable].sort())
    const all = () => Promise.all(gateways.map((_, at) => reachableHosts(`${at}`)))
    await expect.poll(all, {timeout: 90_000}).toEqual(expected)
    expect(gateways.map(({spec}) => spec.servers[0]!.hosts).slice(0, forms.length)).toEqual(
      forms.map(([expose, , hosts = expose]) => hosts),
    )
  })

  /** The hosts of Services in the SNI of the filter chains that istiod sends to a gateway. */
  async function reachableHosts(gateway: string): Promise<string[]> {
    const {raw} = await lab.ask('east', {type: 'router', namespace: systemNamespace, labels: {gateway}, raw: true})
    const names = JSON.stringify(raw!.listeners).matchAll(/"outbound_\.\d+_\._\.([^"]+)"/g)
    return [...new Set([...names].map(([, host]) => host!))].sort()
  }

  const apply = (items: readonly object[]) =>
    lab.kubectl('east', ['apply', '-f', '-'], {input: JSON.stringify({apiVersion: 'v1', kind: 'List', items})})

  test('vm register, a host in ServiceEntries of two namespaces: clients beside an entry use it, all others the older one', async () => {
    const [host, exact] = ['billing.corp.example', 'db.corp.example']
    for (const namespace of ['payments', 'machines']) await lab.kubectl('east', ['create', 'namespace', namespace])
    const withHosts = (namespace: string, hosts: string[], address: string) => {
      const {spec, ...object} = entry(namespace, 'entry', host)
      return {...object, spec: {...spec, hosts, endpoints: [{address}]}}
    }
    // The wildcard is the older entry, and the exact host takes precedence over it.
    await apply([withHosts('payments', [host, '*.corp.example'], '198.51.100.9')])
    await new Promise(resolve => setTimeout(resolve, 1100))
    await apply([withHosts('machines', [host, exact], '10.77.0.1')])
    const seenBy = async (namespace: string) => {
      const {endpoints} = await lab.ask('east', {namespace})
      return [host, exact].map(name => endpoints[`outbound|80||${name}`]?.map(({address}) => address))
    }
    await expect.poll(() => seenBy('machines'), {timeout: 30_000}).toEqual([['10.77.0.1'], ['10.77.0.1']])
    for (const namespace of ['payments', 'default'])
      expect(await seenBy(namespace)).toEqual([['198.51.100.9'], ['10.77.0.1']])
  })

  test('trustDomainAliases: proxies accept identities of both trust domains, as clients and as servers', async () => {
    const host = 'ledger.trade.global'
    const {spec, ...object} = entry('trade', 'ledger', host)
    await apply([{...object, spec: {...spec, endpoints: [{address: '203.0.113.9', serviceAccount: 'ledger'}]}}])
    const ask = async () => (await lab.ask('east', {namespace: 'trade', raw: true})).raw
    const accounts = async () => {
      const text = JSON.stringify((await ask())?.clusters[`outbound|80||${host}`] ?? '')
      return [
        ...new Set([...text.matchAll(/"spiffe:\/\/([^/]+)\/ns\/trade\/sa\/ledger"/g)].map(([, domain]) => domain)),
      ]
    }
    await expect.poll(accounts, {timeout: 30_000}).toEqual(['cluster.local', 'west.example'])
    const inbound = JSON.stringify((await ask())!.listeners.virtualInbound)
    for (const domain of ['cluster.local', 'west.example']) expect(inbound).toContain(`"prefix":"spiffe://${domain}/"`)
  })

  test('its webhook accepts every Istio object of test/golden', async () => {
    const objects = await goldenObjects()
    expect(objects.length).toBeGreaterThan(50)
    const refused = []
    for (const {file, object} of objects) {
      const {allowed, message, warnings} = await admit(istiod, completed(file, object))
      const expected = object.kind === 'EnvoyFilter' ? [expect.stringContaining('EnvoyFilter')] : []
      if (!allowed) refused.push({file, kind: object.kind, message})
      expect({file, warnings}).toEqual({file, warnings: expected})
    }
    expect(refused).toEqual([])
  })

  test('its injector gives gateway pods a user of the range of an OpenShift namespace with platform=openshift, else 1337', async () => {
    const text = await readFile(join(import.meta.dirname, '..', 'golden', 'gateway', 'plain.yaml'), 'utf8')
    const objects = loadAll(text) as (AnyObject | null)[]
    const {template} = objects.find(one => one?.kind === 'Deployment')!.spec as {template: object}
    const annotations = {'openshift.io/sa.scc.uid-range': '1000710000/10000'}
    await apply([{apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'openshift', annotations}}])
    const userBy = async (injector: Istiod) => {
      const pod = {apiVersion: 'v1', kind: 'Pod', ...template} as unknown as AnyObject
      const {patch = '', ...answer} = await review(injector, 'inject', pod, 'openshift')
      const changes = Buffer.from(patch, 'base64').toString()
      // A field of the container, or of a new securityContext.
      const [, user] = /runAsUser"(?:,"value")?:(\d+)/.exec(changes) ?? expect.fail(JSON.stringify({answer, changes}))
      return Number(user)
    }
    // `global.platform` in the values of the chart.
    const onOpenShift = await lab.istiod('east', {index: 2, env: {PLATFORM: 'openshift'}})
    await expect.poll(() => userBy(onOpenShift), {timeout: 30_000}).toBe(1_000_719_999)
    expect(await userBy(istiod)).toBe(1337)
  })

  test('its webhook rejects a wrong object', async () => {
    expect(await admit(istiod, gatewayFor(['a..b']))).toMatchObject({allowed: false})
  })
})

/** The object as the API server merges it: this file has only the fields that are added to a rule of another owner. */
function completed(file: string, object: AnyObject): AnyObject {
  if (file !== 'locality/merged.yaml' || object.kind !== 'DestinationRule') return object
  const {trafficPolicy} = object.spec as {trafficPolicy: object}
  const policy = {...trafficPolicy, outlierDetection: {consecutive5xxErrors: 5}}
  return {...object, spec: {host: 'hello.sample.svc.cluster.local', trafficPolicy: policy}}
}

/** Sends an object to istiod's validating webhook, as an API server does. */
async function admit(
  istiod: Istiod,
  object: AnyObject,
): Promise<{allowed: boolean; message: string | undefined; warnings: string[]}> {
  const {allowed, status, warnings} = await review(istiod, 'validate', object, object.metadata.namespace ?? 'default')
  return {allowed, message: status?.message, warnings: warnings ?? []}
}

interface Reviewed {
  allowed: boolean
  status?: {message?: string}
  warnings?: string[]
  /** JSON patch, base64. */
  patch?: string
}

/** Sends the creation of an object to a webhook of istiod. */
async function review({http}: Istiod, path: string, object: AnyObject, namespace: string): Promise<Reviewed> {
  const [group = '', version = ''] = object.apiVersion.split('/')
  const body = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'test',
      kind: {group, version, kind: object.kind},
      operation: 'CREATE',
      namespace,
      name: object.metadata.name,
      object,
    },
  }
  // test/lab/istiod.sh: the webhooks are on the port before that of the debug pages.
  const port = Number(new URL(http).port) - 1
  // The certificate is for the name of the Service, and its CA is not the subject of this test.
  const options = {
    method: 'POST',
    headers: {'content-type': 'application/json'},
    agent: false as const,
    rejectUnauthorized: false,
  }
  const answer = await new Promise<string>((resolve, reject) => {
    request(`https://127.0.0.1:${port}/${path}`, options, response => resolve(text(response)))
      .on('error', reject)
      .end(JSON.stringify(body))
  })
  return (JSON.parse(answer) as {response: Reviewed}).response
}
