import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {type DataPlaneLab, startLab} from '../support/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/mesh.ts'
import {deploySample} from '../support/sample.ts'

const clusters = [
  {name: 'east', version: 'v1'},
  {name: 'west', version: 'v2'},
] as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'
const requests = 20

/** Upstream Envoy lacks Istio's metrics filter (test/lab/README.md). */
const withoutMetrics = ['--set', 'values.telemetry.enabled=false']

/** Where west's gateway is reached, before it has a pod: a cloud gives the address to the Service. */
const westGateway = '203.0.113.142'

describe.skipIf(!inject('lab').dataplane)('mesh federate --mode primary-remote on two empty clusters', () => {
  let lab: DataPlaneLab
  let federate: string[]
  const clients = new Map<string, string>()

  const there = (cluster: string, kind: string, label: string) =>
    vi.waitUntil(
      async () =>
        (await lab.kubectl(cluster, ['-n', 'istio-system', 'get', kind, '-l', label, '-o', 'name']).catch(() => '')) !==
        '',
      {timeout: 60_000, interval: 300},
    )

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    const mode = ['--mode', 'primary-remote', '--control-plane', 'istioctl', ...withoutMetrics]
    federate = ['federate', '--contexts', 'east,west', ...mode, ...(await serverFlags(lab)), '--timeout', '120s']
  })

  afterAll(() => lab?.stop())

  test('one command gives west a control plane in east', async () => {
    const federated = mesh(lab, [...federate, '--yes'])
    await there('east', 'pod', 'app=istiod')
    await lab.istiod('east')
    await there('east', 'pod', 'istio=eastwestgateway')
    await lab.real('east')
    await there('west', 'service', 'istio=eastwestgateway')
    await lab.setAddress('west', 'istio-system', 'istio-eastwestgateway', westGateway)
    const {code, stdout, stderr} = await federated
    expect({code, stdout, stderr}).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/east .* own .* joined\n *west .* of east .* joined/),
    })
    await there('west', 'pod', 'istio=eastwestgateway')
    await lab.pod('west', 'istio-system', 'istio=eastwestgateway')
    await lab.loadBalancer('west', 'istio-system', 'istio-eastwestgateway', westGateway, 'istio=eastwestgateway')
    expect(await lab.kubectl('west', ['-n', 'istio-system', 'get', 'deployments', '-l', 'app=istiod'])).toBe('')
  })

  test('requests of both sides are answered by both', async () => {
    for (const {name, version} of clusters) {
      await deploySample(lab, name, version)
      await lab.kubectl(name, ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
      await lab.pod(name, 'sample', 'app=helloworld')
      clients.set(name, await lab.pod(name, 'sample', 'app=client'))
    }
    for (const {name} of clusters)
      await expect
        .poll(() => lab.count(clients.get(name)!, requests, url), {timeout: 60_000})
        .toEqual({v1: expect.any(Number), v2: expect.any(Number)})
  })

  test("west's proxies ask east's istiod through its gateway, with an identity that east's istiod signed", async () => {
    const {stdout} = await lab.exec(clients.get('west')!, ['curl', '-s', 'localhost:15000/clusters'])
    expect(stdout).toMatch(/^outbound\|5000\|\|helloworld\.sample\.svc\.cluster\.local::203\.0\.113\.121:15443::/m)
    const certificates = await lab.exec(clients.get('west')!, ['curl', '-s', 'localhost:15000/certs'])
    expect(certificates.stdout).toContain('spiffe://cluster.local/ns/sample/sa/default')
  })

  test('a second run changes nothing', async () => {
    const again = await mesh(lab, [...federate, '--dry-run=server', '--exit-code'])
    expect(again).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^# east: \d+ unchanged\n# west: \d+ unchanged\n$/),
    })
  })

  test('verify and status tell who is whose remote, and find nothing wrong', async () => {
    const status = await meshOk(lab, ['federate', 'status', '--contexts', 'east,west'])
    expect(status).toMatch(/^west +west +of east .* ✔/m)
    expect(status).not.toContain('✘')
  })

  test('the primary can not leave before its remote', async () => {
    const refused = await mesh(lab, ['federate', 'remove', '--contexts', 'east', '--from', 'west', '--yes'])
    expect(refused).toMatchObject({code: 3, stderr: expect.stringContaining('east is the primary of west')})
  })

  test('after remove east answers its own requests, and pods of west start without a sidecar', async () => {
    await meshOk(lab, ['federate', 'remove', '--contexts', 'west', '--from', 'east', '--yes'])
    await expect.poll(() => lab.count(clients.get('east')!, requests, url), {timeout: 60_000}).toEqual({v1: requests})
    const left = await lab.kubectl('west', [
      'get',
      'mutatingwebhookconfigurations,deployments,services,gateways',
      '-A',
      '-o',
      'name',
    ])
    expect(left).not.toMatch(/istio/)
    const namespace = await lab.kubectl('west', ['get', 'namespace', 'istio-system', '-o', 'yaml'])
    expect(namespace).not.toContain('topology.istio.io')
  })
})
