import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../../support/lab/control-plane.ts'
import {startPreparedIstiod} from '../../support/lab/debug-pages.ts'
import {type DataPlaneLab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../../support/lab/mesh.ts'
import {type Requests, startRequests} from '../../support/lab/requests.ts'
import {deployServerAndClient} from '../../support/lab/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east'},
  {name: 'west', network: 'net-west'},
] as const
const url = 'http://helloworld.sample.svc.cluster.local:5000/hello'
const rotations = Number(process.env.ROTATIONS ?? 20)

describe.skipIf(!inject('lab').dataplane)('mesh federate rotate with real traffic', () => {
  let lab: DataPlaneLab
  let requests: Requests

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    for (const {name, network} of clusters) await installControlPlane(lab, name, {network})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const flags = ['--contexts', 'east,west', '--ca-dir', ca, ...(await serverFlags(lab)), '--timeout', '120s']
    const federated = mesh(lab, ['federate', ...flags, '--yes'])
    for (const {name} of clusters) await startPreparedIstiod(lab, name, [8080, 15_014])
    expect(await federated).toMatchObject({code: 0})
    // Only east answers, so that every request of west depends on the credential for east.
    const {client} = await deployServerAndClient(lab)
    await vi.waitUntil(async () => (await lab.count(client, 10, url)).v1 === 10, {timeout: 90_000, interval: 500})
    requests = await startRequests(lab, client, 'rotate', '', url)
  })

  afterAll(() => lab?.stop())

  const held = () =>
    lab.kubectl('west', [
      '-n',
      'istio-system',
      'get',
      'secret',
      'istio-remote-secret-east',
      '-o',
      'jsonpath={.data.east}',
    ])

  test(`no request fails during ${rotations} rotations`, async () => {
    const credentials = new Set([await held()])
    for (let at = 1; at <= rotations; at++) {
      await meshOk(lab, ['federate', 'rotate', '--contexts', 'east,west', '--cluster', 'east', '--hold', '1s', '--yes'])
      credentials.add(await held())
    }
    await requests.more()
    // No revoked token becomes valid again.
    expect(credentials.size).toBe(rotations + 1)
    const answers = await requests.stop()
    expect(answers).toEqual({200: expect.any(Number)})
    expect(answers[200]).toBeGreaterThan(rotations * 10)
  })
})
