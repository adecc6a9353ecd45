import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type Endpoint, type Lab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk} from '../support/lab/mesh.ts'
import {deploySample, markInjected} from '../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', version: 'v1', address: '203.0.113.11'},
  {name: 'west', network: 'net-west', version: 'v2', address: '203.0.113.12'},
  {name: 'south', network: 'net-south', version: undefined, address: '203.0.113.13'},
] as const
const host = 'helloworld.sample.global'
const outbound = `outbound|5000||${host}`
const sni = 'outbound_.5000_._.helloworld.sample.svc.cluster.local'

describe.skipIf(!inject('lab').clusters)('gateways mode with three real istiods and no remote Secret', () => {
  let lab: Lab

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name)})
    for (const {name, network, version} of clusters) {
      await installControlPlane(lab, name, {network})
      if (!version) continue
      await deploySample(lab, name, version)
      await markInjected(lab, name, version, network)
    }
  })

  afterAll(() => lab?.stop())

  const exporting = ['service', 'export', 'helloworld', '-n', 'sample', '--yes']

  /** The configuration of the exported service that istiod sends to a proxy in the cluster's network. */
  async function configuration(name: string): Promise<{endpoints: Endpoint[]; cluster: string}> {
    const {network} = clusters.find(one => one.name === name)!
    const answer = await lab.ask(name, {network, namespace: 'default', grep: '.global', raw: true})
    return {
      endpoints: answer.endpoints[outbound] ?? [],
      cluster: JSON.stringify(answer.raw!.clusters[outbound] ?? null),
    }
  }

  const endpointsOf = async (name: string) =>
    (await configuration(name)).endpoints.map(({address, port}) => `${address}:${port}`).sort()

  test('federate --mode gateways joins the clusters without credentials', async () => {
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const join3 = [
      'federate',
      '--mode',
      'gateways',
      '--contexts',
      'east,west,south',
      '--ca-dir',
      ca,
      '--timeout',
      '90s',
    ]
    const federated = mesh(lab, [...join3, '--yes'])
    for (const {name, address} of clusters) {
      await expect
        .poll(() => lab.kubectl(name, ['-n', 'istio-system', 'get', 'service', '-o', 'name']), {timeout: 60_000})
        .toContain('eastwestgateway')
      await lab.setAddress(name, 'istio-system', 'istio-eastwestgateway', address)
    }
    const {code, stdout, stderr} = await federated
    expect({code, stderr}).toMatchObject({code: 0, stderr: expect.stringContaining('add --capture-dns')})
    expect(stdout).toMatch(
      /CLUSTER +CA +GATEWAY +EXPOSED +DNS +RESULT\neast +ok +203\.0\.113\.11 +ok +istio \(off\) +joined/,
    )
    // A running istiod uses its first cacerts only after a restart (istio#57853).
    for (const {name} of clusters) {
      await lab.istiod(name)
      const secrets = await lab.kubectl(name, ['get', 'secrets', '-A', '-l', 'istio/multiCluster=true', '-o', 'name'])
      expect(secrets).toBe('')
      const record = await lab.kubectl(name, [
        '-n',
        'istio-system',
        'get',
        'configmap',
        'kubectl-mesh-federation',
        '-o',
        'jsonpath={.data}',
      ])
      const {address} = clusters.find(one => one.name === name)!
      expect(JSON.parse(record)).toMatchObject({mode: 'gateways', gateway: address, dns: 'istio'})
    }
    const second = await mesh(lab, [...join3, '--dry-run=server', '--exit-code'])
    expect({code: second.code, stdout: second.stdout}).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^(# \w+: \d+ unchanged\n){3}$/),
    })
  })

  test('before an export, proxies do not know the host', async () => {
    expect(await endpointsOf('west')).toEqual([])
  })

  test('after it, a proxy calls the gateway of the exporter with mTLS and an SNI that its filter chain matches', async () => {
    await meshOk(lab, [...exporting, '--contexts', 'east', '--to', 'west'])
    await expect.poll(() => endpointsOf('west'), {timeout: 60_000}).toEqual(['203.0.113.11:15443'])
    const {cluster} = await configuration('west')
    expect(cluster).toContain(`"sni":"${sni}"`)
    expect(cluster).toContain('"matchSubjectAltNames":[{"exact":"spiffe://cluster.local/ns/sample/sa/default"}]')
    expect(cluster).toContain('"name":"default"')
    const gateway = {app: 'istio-eastwestgateway', istio: 'eastwestgateway', 'topology.istio.io/network': 'net-east'}
    const ip = await lab.kubectl('east', [
      '-n',
      'istio-system',
      'get',
      'pod',
      '-l',
      'istio=eastwestgateway',
      '-o',
      'jsonpath={.items[0].status.podIP}',
    ])
    const view = {
      type: 'router',
      namespace: 'istio-system',
      network: 'net-east',
      ip,
      labels: gateway,
      raw: true,
    } as const
    const {raw} = await lab.ask('east', {...view, meta: {REQUESTED_NETWORK_VIEW: 'net-east'}})
    const chains = Object.values(raw!.listeners).flatMap(
      listener => (listener as {filterChains?: unknown[]}).filterChains ?? [],
    )
    const chain = chains.find(one =>
      JSON.stringify((one as {filterChainMatch?: unknown}).filterChainMatch ?? {}).includes(`"${sni}"`),
    )
    expect(JSON.stringify(chain)).toContain('outbound_.5000_._.helloworld.sample.svc.cluster.local')
  })

  test('istiod allocates an address for the host, for sidecars with DNS capture', async () => {
    const status = () =>
      lab.kubectl('west', [
        '-n',
        'istio-system',
        'get',
        'serviceentry',
        host,
        '-o',
        'jsonpath={.status.addresses[*].value}',
      ])
    await expect.poll(status, {timeout: 30_000}).toMatch(/^240\.240\./)
  })

  test('istioctl analyze reports no problems, and a second export changes nothing', async () => {
    const analyze = ['istioctl', 'analyze', '--context', 'west', '-n', 'istio-system', '-o', 'json']
    const {stdout} = await lab.run(analyze)
    const origins = (JSON.parse(stdout || '[]') as {origin?: string}[]).map(({origin}) => origin)
    expect(origins.filter(origin => origin?.includes(host))).toEqual([])
    const second = await meshOk(lab, [...exporting, '--contexts', 'east', '--to', 'west'])
    expect(second).toMatch(new RegExp(`${host} +west +east +1 +unchanged`))
  })

  /** Applies a DestinationRule of a user in west. */
  const applyRule = (namespace: string, spec: object) =>
    lab.kubectl('west', ['apply', '-f', '-'], {
      input: JSON.stringify({
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: {name: 'client', namespace},
        spec,
      }),
    })
  const sniIs = (expected: string) =>
    expect.poll(async () => (await configuration('west')).cluster, {timeout: 30_000}).toContain(`"sni":"${expected}"`)
  const verify = () => mesh(lab, ['federate', 'verify', '--contexts', 'east,west,south'])
  const finding = `DestinationRule default/client replaces the rule of ${host} for clients in namespace default: their requests have an SNI that no gateway accepts`

  test.each([
    ['the host', {host, trafficPolicy: {connectionPool: {tcp: {maxConnections: 10}}}}],
    ['all hosts under .global', {host: '*.global', trafficPolicy: {tls: {mode: 'ISTIO_MUTUAL'}}}],
  ])(
    "a DestinationRule of a client's namespace for %s changes the SNI: export and verify report it, and the hint helps",
    async (_, spec) => {
      await applyRule('default', spec)
      await sniIs(`outbound_.5000_._.${host}`)
      const exported = await mesh(lab, [...exporting, '--contexts', 'east', '--to', 'west'])
      expect(exported).toMatchObject({code: 0, stderr: expect.stringContaining(`warning: west: ${finding}`)})
      expect(exported.stderr).toContain('hint:  kubectl --context west -n default get destinationrule client -o yaml')
      const {code, stdout} = await verify()
      expect({code, stdout}).toMatchObject({code: 5, stdout: expect.stringContaining(`✘ ${finding}`)})

      const rule = ['-n', 'istio-system', 'get', 'destinationrule', host, '-o', 'json']
      const {trafficPolicy} = (
        JSON.parse(await lab.kubectl('west', rule)) as {spec: {trafficPolicy: {portLevelSettings: unknown}}}
      ).spec
      const {portLevelSettings} = trafficPolicy
      await applyRule('default', {...spec, trafficPolicy: {...spec.trafficPolicy, portLevelSettings}})
      await sniIs(sni)
      expect((await verify()).stdout).not.toContain('DestinationRule default/client')
      await lab.kubectl('west', ['-n', 'default', 'delete', 'destinationrule', 'client'])
    },
  )

  test('a rule for all hosts under .global in the system namespace, as of Istio 1.8, changes nothing and is not reported', async () => {
    await applyRule('istio-system', {host: '*.global', trafficPolicy: {tls: {mode: 'ISTIO_MUTUAL'}}})
    // istiod reads a change within a second.
    await new Promise(resolve => setTimeout(resolve, 2000))
    await sniIs(sni)
    expect((await verify()).stdout).not.toContain('DestinationRule istio-system/client')
    await lab.kubectl('west', ['-n', 'istio-system', 'delete', 'destinationrule', 'client'])
  })

  test('two exporters are two endpoints; withdrawing one keeps the other', async () => {
    await meshOk(lab, [...exporting, '--contexts', 'east,west', '--to', 'south'])
    await expect
      .poll(() => endpointsOf('south'), {timeout: 60_000})
      .toEqual(['203.0.113.11:15443', '203.0.113.12:15443'])
    await meshOk(lab, [
      'service',
      'unexport',
      'helloworld',
      '-n',
      'sample',
      '--contexts',
      'east',
      '--to',
      'south',
      '--yes',
    ])
    await expect.poll(() => endpointsOf('south'), {timeout: 60_000}).toEqual(['203.0.113.12:15443'])
    const list = await meshOk(lab, ['service', 'list', '--contexts', 'west,south'])
    expect(list).toMatch(new RegExp(`${host} +west +south +203\\.0\\.113\\.12:15443`))
    expect(list).toMatch(new RegExp(`${host} +east +west +203\\.0\\.113\\.11:15443`))
  })

  test('unexport removes the host', async () => {
    await meshOk(lab, ['service', 'unexport', '--all', '--contexts', 'east', '--to', 'west', '--yes'])
    await expect.poll(() => endpointsOf('west'), {timeout: 60_000}).toEqual([])
    expect(await lab.kubectl('west', ['get', 'serviceentries,destinationrules', '-A', '-o', 'name'])).toBe('')
  })

  test('federate remove removes imports from the leaving cluster, and its objects', async () => {
    await meshOk(lab, [...exporting, '--contexts', 'west', '--to', 'east,south'])
    await expect.poll(() => endpointsOf('south'), {timeout: 60_000}).toEqual(['203.0.113.12:15443'])
    await meshOk(lab, ['federate', 'remove', '--contexts', 'west', '--from', 'east,south', '--yes'])
    for (const name of ['east', 'south']) await expect.poll(() => endpointsOf(name), {timeout: 60_000}).toEqual([])
    expect(
      await lab.kubectl('west', ['-n', 'istio-system', 'get', 'services,gateways.networking.istio.io', '-o', 'name']),
    ).toBe('service/istiod\n')
  })
})
