import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../../src/engine/kubernetes/object.ts'
import type {ObservedCluster} from '../../../../../src/features/federate/verify/read.ts'
import {federationVerifyFields} from '../../../../../src/features/federate/verify/spec.ts'
import {trafficSides} from '../../../../../src/features/federate/verify/traffic/sides.ts'
import type {DnsServer} from '../../../../../src/mesh/record.ts'
import {parseImports} from '../../../../../src/mesh/services/parse-import.ts'
import type {ExportingCluster} from '../../../../../src/mesh/services/read.ts'
import {readSpec} from '../../../../../src/spec/read.ts'
import {dumpYaml} from '../../../../../src/text/yaml.ts'
import {controlPlane, gatewayService, member} from '../../../../mesh/samples.ts'
import {expectGolden} from '../../../../support/golden.ts'

const spec = readSpec(federationVerifyFields, {contexts: 'east,west', traffic: true})
const namespace = 'mesh-verify-abc123'
const host = `helloworld.${namespace}.global`

/** How a cluster differs from the default. */
interface Differs {
  dns?: DnsServer
  capturesDns?: boolean
  exporting?: Partial<ExportingCluster>
  imports?: KubernetesObject[]
}

/** The import at the end of the objects of a cluster. */
function importIn(objects: readonly KubernetesObject[]) {
  return parseImports([objects.at(-1)!]).imports[0]!.imported
}

/** A cluster in gateways mode whose gateway has an address and exposes everything. */
function observed(
  name: string,
  at: number,
  {dns = 'istio', capturesDns = true, imports = [], exporting}: Differs = {},
): ObservedCluster {
  const gateway: KubernetesObject = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: {name: 'cross-network-gateway', namespace: 'istio-system'},
    spec: {servers: [{hosts: ['*.local'], port: {number: 15443}, tls: {mode: 'AUTO_PASSTHROUGH'}}]},
  }
  const status = {loadBalancer: {ingress: [{ip: `203.0.113.${at + 11}`}]}}
  const istiod = controlPlane(name, {capturesDns, trustDomain: 'mesh.example'})
  const self = member(name, {controlPlanes: [istiod], imports})
  return {
    member: self,
    unreachable: undefined,
    istiods: [],
    credentials: [],
    addresses: [],
    meshNamespaces: new Set(),
    namespaces: new Set(),
    services: [],
    rules: [],
    exporting: {
      context: name,
      cluster: self.facts!.cluster,
      name,
      network: self.network,
      revision: undefined,
      isTenant: false,
      namedGateways: [],
      otherGateways: [],
      controlPlane: istiod,
      record: {addresses: [], dns, dnsForward: [], ownsDnsCapture: false},
      networkGateways: [gatewayService(self.network, {status})],
      gateways: [gateway],
      nodes: [],
      services: [],
      pods: [],
      workloadEntries: [],
      ...exporting,
    },
  }
}

function sidesOf(names: readonly string[], differs: Record<string, Differs> = {}) {
  return trafficSides(
    names.map((name, at) => observed(name, at, differs[name])),
    namespace,
    spec,
  )
}

describe('gateways mode', () => {
  test('every cluster imports from the others, in the temporary namespace', async () => {
    const {sides, problems} = sidesOf(['east', 'west', 'south'])
    expect(problems).toEqual([])
    const text = sides.flatMap(({member: {cluster}, objects}) => [
      `# cluster: ${cluster}\n`,
      // The first four objects are the same in all modes.
      objects
        .slice(4)
        .map(object => dumpYaml(object))
        .join('---\n'),
    ])
    await expectGolden('federate-verify/hello-imports.yaml', text.join(''))
    expect(sides.map(({url}) => url)).toEqual(Array(3).fill(`http://${host}:5000/hello`))
    expect(sides.map(({expected}) => [...expected])).toEqual([
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

  test('curl gets the address where sidecars do not resolve the host', () => {
    const {sides} = sidesOf(['east', 'west', 'south'], {west: {capturesDns: false}, south: {dns: 'coredns'}})
    const [east, west, south] = sides.map(({resolve}) => resolve)
    expect(east).toBeUndefined()
    const [address] = importIn(sides[1]!.objects).addresses
    expect(address).toMatch(/^240\.241\./)
    expect([west, south]).toEqual(Array(2).fill(`${host}:5000:${address}`))
  })

  test('the address of another import is not used', () => {
    const free = importIn(sidesOf(['east', 'west']).sides[0]!.objects).addresses
    const entry = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'other'},
      spec: {addresses: free},
    }
    const {sides} = sidesOf(['east', 'west'], {east: {imports: [entry]}})
    const [east, west] = sides.map(({objects}) => importIn(objects).addresses)
    expect(west).toEqual(free)
    expect(east).not.toEqual(free)
  })

  test('a cluster without a gateway address is a problem, and no cluster gets objects', () => {
    const {sides, problems} = sidesOf(['east', 'west'], {west: {exporting: {networkGateways: []}}})
    expect(sides).toEqual([])
    expect(problems).toEqual([
      {
        message:
          'no request was sent: helloworld of west cannot be reached: west has no gateway for its network net-west with an address',
        hints: [expect.stringContaining('kubectl mesh federate --mode gateways')],
      },
    ])
  })

  test('a cluster whose gateway exposes nothing is a problem', () => {
    const {problems} = sidesOf(['east', 'west'], {east: {exporting: {gateways: []}}})
    expect(problems.map(({message}) => message)).toEqual([
      expect.stringMatching(/^no request was sent: helloworld of east is not exposed by the gateway of east/),
    ])
  })

  test('one cluster alone is a problem', () =>
    expect(sidesOf(['east']).problems.map(({message}) => message)).toEqual([
      'no request was sent: in gateways mode, --traffic needs at least two clusters',
    ]))

  test('every cluster imports from all others, and never from itself', () => {
    const names = fc.uniqueArray(fc.stringMatching(/^[a-z]{1,4}$/), {minLength: 2, maxLength: 6})
    fc.assert(
      fc.property(names, all => {
        for (const {member: self, expected, objects} of sidesOf(all).sides) {
          const others = all.filter(name => name !== self.cluster)
          expect([...expected.keys()]).toEqual(others)
          expect(Object.keys(importIn(objects).exporters).sort()).toEqual([...others].sort())
          for (const {kind, metadata} of objects)
            expect(kind === 'Namespace' || metadata.namespace === namespace).toBe(true)
        }
      }),
    )
  })
})

test('in the other modes, all clusters must answer and nothing is imported', () => {
  const all = ['east', 'west'].map((name, at) => ({...observed(name, at), exporting: undefined}))
  const {sides} = trafficSides(all, namespace, spec)
  expect(sides.map(({objects}) => objects.map(({kind}) => kind))).toEqual(
    Array(2).fill(['Namespace', 'Service', 'Pod', 'Pod']),
  )
  expect(sides.map(({url, resolve, expected}) => ({url, resolve, expected: [...expected.keys()]}))).toEqual(
    Array(2).fill({url: `http://helloworld.${namespace}:5000/hello`, resolve: undefined, expected: ['east', 'west']}),
  )
})
