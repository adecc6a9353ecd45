import {request} from 'node:https'
import {text} from 'node:stream/consumers'
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
    istiod = await installControlPlane(lab, 'east')
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
  {http}: Istiod,
  object: AnyObject,
): Promise<{allowed: boolean; message: string | undefined; warnings: string[]}> {
  const [group = '', version = ''] = object.apiVersion.split('/')
  const review = {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid: 'test',
      kind: {group, version, kind: object.kind},
      operation: 'CREATE',
      namespace: object.metadata.namespace ?? 'default',
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
    request(`https://127.0.0.1:${port}/validate`, options, response => resolve(text(response)))
      .on('error', reject)
      .end(JSON.stringify(review))
  })
  const {response} = JSON.parse(answer) as {
    response: {allowed: boolean; status?: {message?: string}; warnings?: string[]}
  }
  return {allowed: response.allowed, message: response.status?.message, warnings: response.warnings ?? []}
}
