import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../support/lab/control-plane.ts'
import {type DataPlaneLab, startLab} from '../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../support/lab/mesh.ts'
import {deploySample} from '../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', version: 'v1'},
  {name: 'west', network: 'net-west', version: 'v2'},
] as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'
const requests = 20

describe.skipIf(!inject('lab').dataplane)('mesh federate with real traffic', () => {
  let lab: DataPlaneLab
  const clients = new Map<string, string>()

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    for (const {name, network} of clusters) await installControlPlane(lab, name, {network})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const federated = mesh(lab, [
      'federate',
      '--contexts',
      'east,west',
      '--ca-dir',
      ca,
      ...(await serverFlags(lab)),
      '--yes',
      '--timeout',
      '120s',
    ])
    for (const {name} of clusters) {
      const pods = ['-n', 'istio-system', 'get', 'pod', '-l', 'istio=eastwestgateway', '-o', 'name']
      await vi.waitUntil(async () => (await lab.kubectl(name, pods)) !== '', {timeout: 60_000, interval: 500})
      // A running istiod uses the first cacerts only after its next start (istio#57853). Only then do injected proxies trust our root.
      await lab.istiod(name)
      await lab.real(name)
    }
    const {code, stdout, stderr} = await federated
    if (code !== 0) throw new Error(`federate ended with ${code}\n${stdout}\n${stderr}`)
    for (const {name, version} of clusters) {
      await deploySample(lab, name, version)
      await lab.kubectl(name, ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
      await lab.pod(name, 'sample', 'app=helloworld')
      clients.set(name, await lab.pod(name, 'sample', 'app=client'))
    }
  })

  afterAll(() => lab?.stop())

  test.each(clusters)('20 requests from $name are answered by both clusters', async ({name}) => {
    await expect
      .poll(() => lab.count(clients.get(name)!, requests, url), {timeout: 60_000})
      .toEqual({v1: expect.any(Number), v2: expect.any(Number)})
  })

  test('after remove, each cluster answers its own requests', async () => {
    await meshOk(lab, ['federate', 'remove', '--contexts', 'east,west', '--yes'])
    for (const {name, version} of clusters)
      await expect
        .poll(() => lab.count(clients.get(name)!, requests, url), {timeout: 60_000})
        .toEqual({[version]: requests})
  })
})
