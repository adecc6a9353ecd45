import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'

const clusters = [
  {name: 'east', version: 'v1'},
  {name: 'west', version: 'v2'},
] as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'

/** Upstream Envoy lacks Istio's metrics filter (test/lab/README.md). */
const withoutMetrics = ['--set', 'values.telemetry.enabled=false']

describe.skipIf(!inject('lab').dataplane)('mesh federate --control-plane istioctl on two empty clusters', () => {
  let lab: DataPlaneLab
  let federate: string[]

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const tool = ['--control-plane', 'istioctl', ...withoutMetrics]
    federate = [
      'federate',
      '--contexts',
      'east,west',
      '--ca-dir',
      ca,
      ...(await serverFlags(lab)),
      ...tool,
      '--timeout',
      '120s',
    ]
  })

  afterAll(() => lab?.stop())

  test('one command creates a working mesh: both clusters answer requests from both', async () => {
    const federated = mesh(lab, [...federate, '--yes'])
    for (const {name} of clusters) {
      const get = (kind: string, label: string) =>
        lab.kubectl(name, ['-n', 'istio-system', 'get', kind, '-l', label, '-o', 'name']).catch(() => '')
      await vi.waitUntil(async () => (await get('pod', 'app=istiod')) !== '', {timeout: 60_000, interval: 300})
      await lab.istiod(name)
      await vi.waitUntil(async () => (await get('pod', 'istio=eastwestgateway')) !== '', {
        timeout: 60_000,
        interval: 300,
      })
      await lab.real(name)
    }
    const {code, stdout, stderr} = await federated
    expect({code, stdout, stderr}).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/east .* joined\n *west .* joined/),
    })
    for (const {name, version} of clusters) {
      await deploySample(lab, name, version)
      await lab.kubectl(name, ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
      await lab.pod(name, 'sample', 'app=helloworld')
    }
    for (const {name} of clusters) {
      const client = await lab.pod(name, 'sample', 'app=client')
      await expect
        .poll(() => lab.count(client, 20, url), {timeout: 60_000})
        .toEqual({v1: expect.any(Number), v2: expect.any(Number)})
    }
  })

  test('a second run changes nothing', async () => {
    const second = await mesh(lab, [...federate, '--dry-run=server', '--exit-code'])
    expect(second).toMatchObject({
      code: 0,
      stderr: '',
      stdout: expect.stringMatching(/^# east: \d+ unchanged\n# west: \d+ unchanged\n$/),
    })
  })
})
