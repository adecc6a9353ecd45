import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {SeenCluster} from '../../../../src/features/federate/verify/read.ts'
import {federationVerifyFields} from '../../../../src/features/federate/verify/spec.ts'
import {trafficSides} from '../../../../src/features/federate/verify/traffic-sides.ts'
import type {DnsServer} from '../../../../src/mesh/record.ts'
import {readServiceImport} from '../../../../src/mesh/services/objects.ts'
import type {ExportingCluster} from '../../../../src/mesh/services/read.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {dumpYaml} from '../../../../src/text/yaml.ts'
import {controlPlane, gatewayService, member} from '../../../mesh/samples.ts'
import {expectGolden} from '../../../support/golden.ts'

const spec = readSpec(federationVerifyFields, {contexts: 'east,west', traffic: true})
const namespace = 'mesh-verify-abc123'
const host = `helloworld.${namespace}.global`

interface Odd {
  dns?: DnsServer
  capturesDns?: boolean
  exporting?: Partial<ExportingCluster>
  imports?: KubernetesObject[]
}

/** A cluster in gateways mode whose gateway has an address and lets all through. */
function seen(
  name: string,
  at: number,
  {dns = 'istio', capturesDns = true, imports = [], exporting}: Odd = {},
): SeenCluster {
  const gateway: KubernetesObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{hosts: ['*.local'], port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
  const status = {loadBalancer: {ingress: [{ip: `203.0.113.${at + 11}`}]}}
  const plane = controlPlane(name, {capturesDns, trustDomain: 'mesh.example'})
  const me = member(name, {controlPlanes: [plane], imports})
  return {
    member: me,
    unreachable: undefined,
    istiods: [],
    credentials: [],
    addresses: [],
    meshNamespaces: new Set(),
    namespaces: new Set(),
    services: [],
    exporting: {
      context: name,
      cluster: me.facts!.cluster,
      name,
      network: me.network,
      controlPlane: plane,
      record: {addresses: [], dns, dnsForward: [], ownsDnsCapture: false},
      networkGateways: [gatewayService(me.network, {status})],
      gateways: [gateway],
      nodes: [],
      services: [],
      pods: [],
      workloadEntries: [],
      ...exporting,
    },
  }
}

function sidesOf(names: readonly string[], odd: Record<string, Odd> = {}) {
  return trafficSides(
    names.map((name, at) => seen(name, at, odd[name])),
    namespace,
    spec,
  )
}

describe('gateways mode', () => {
  test('each cluster imports the others, in the throw-away namespace', async () => {
    const {sides, problems} = sidesOf(['east', 'west', 'south'])
    expect(problems).toEqual([])
    const text = sides.flatMap(({member: {cluster}, made}) => [
      `# cluster: ${cluster}\n`,
      // the rest is that of all modes
      made
        .slice(4)
        .map(object => dumpYaml(object))
        .join('---\n'),
    ])
    await expectGolden('federate-verify/hello-imports.yaml', text.join(''))
    expect(sides.map(({url}) => url)).toEqual(Array(3).fill(`http://${host}:5000/hello`))
    expect(sides.map(({answering}) => [...answering])).toEqual([
      [
        ['west', 'helloworld-v2-1'],
        ['south', 'helloworld-v2-2'],
      ],
      [
        ['east', 'helloworld-v1-0'],
        ['south', 'helloworld-v2-2'],
      ],
      [
        ['east', 'helloworld-v1-0'],
        ['west', 'helloworld-v2-1'],
      ],
    ])
  })

  test('curl is told the address where the sidecars do not answer', () => {
    const {sides} = sidesOf(['east', 'west', 'south'], {west: {capturesDns: false}, south: {dns: 'coredns'}})
    const [east, west, south] = sides.map(({resolve}) => resolve)
    expect(east).toBeUndefined()
    const [address] = readServiceImport(sides[1]!.made.at(-1)!).addresses
    expect(address).toMatch(/^240\.241\./)
    expect([west, south]).toEqual(Array(2).fill(`${host}:5000:${address}`))
  })

  test('an address that another import has is not taken', () => {
    const free = readServiceImport(sidesOf(['east', 'west']).sides[0]!.made.at(-1)!).addresses
    const entry = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'other'},
      spec: {addresses: free},
    }
    const {sides} = sidesOf(['east', 'west'], {east: {imports: [entry]}})
    const [east, west] = sides.map(({made}) => readServiceImport(made.at(-1)!).addresses)
    expect(west).toEqual(free)
    expect(east).not.toEqual(free)
  })

  test('a cluster without an entrance is told, and nothing is made anywhere', () => {
    const {sides, problems} = sidesOf(['east', 'west'], {west: {exporting: {networkGateways: []}}})
    expect(sides).toEqual([])
    expect(problems).toEqual([
      {
        message:
          "no request was sent: helloworld of west can't be reached: west has no gateway for its network net-west with an address",
        hints: [expect.stringContaining('kubectl mesh federate --mode gateways')],
      },
    ])
  })

  test('so is one whose gateway lets nobody through', () => {
    const {problems} = sidesOf(['east', 'west'], {east: {exporting: {gateways: []}}})
    expect(problems.map(({message}) => message)).toEqual([
      expect.stringMatching(/^no request was sent: helloworld of east is not let through east's gateway/),
    ])
  })

  test('one cluster has nobody to ask', () =>
    expect(sidesOf(['east']).problems.map(({message}) => message)).toEqual([
      'no request was sent: in gateways mode a cluster asks the others, and there is no other',
    ]))

  test('nobody imports from itself, and everybody from all others', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), {minLength: 2, maxLength: 6})
    fc.assert(
      fc.property(names, all => {
        for (const {member: me, answering, made} of sidesOf(all).sides) {
          const others = all.filter(name => name !== me.cluster)
          expect([...answering.keys()]).toEqual(others)
          expect(Object.keys(readServiceImport(made.at(-1)!).exporters).sort()).toEqual([...others].sort())
          for (const {kind, metadata} of made)
            expect(kind === 'Namespace' || metadata.namespace === namespace).toBe(true)
        }
      }),
    )
  })
})

test('in the other modes all answer, and nothing is imported', () => {
  const all = ['east', 'west'].map((name, at) => ({...seen(name, at), exporting: undefined}))
  const {sides} = trafficSides(all, namespace, spec)
  expect(sides.map(({made}) => made.map(({kind}) => kind))).toEqual(
    Array(2).fill(['Namespace', 'Service', 'Pod', 'Pod']),
  )
  expect(sides.map(({url, resolve, answering}) => ({url, resolve, answering: [...answering.keys()]}))).toEqual(
    Array(2).fill({url: `http://helloworld.${namespace}:5000/hello`, resolve: undefined, answering: ['east', 'west']}),
  )
})
