import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {labFolder} from '../../support/binaries.ts'
import {installControlPlane} from '../../support/lab/control-plane.ts'
import {forwardIstiods} from '../../support/lab/debug-pages.ts'
import {type Istiod, type Lab, startLab} from '../../support/lab/lab.ts'
import {mesh, meshOk, serverFlags} from '../../support/lab/mesh.ts'
import {deploySample} from '../../support/lab/sample.ts'
import {oldIstiod, usesOldIstiod} from '../../support/lab/tools.ts'

const system = ['-n', 'istio-system']
const rotate = ['federate', 'rotate', '--contexts', 'east,west', '--cluster', 'west', '--yes']
const rotations = Number(process.env.ROTATIONS ?? 1)
const host = 'helloworld.sample.svc.cluster.local'

// It compares the newest istiod with the oldest one itself.
describe.skipIf(!inject('lab').clusters || usesOldIstiod)('mesh federate rotate with a real istiod', () => {
  let lab: Lab
  let istiod: Istiod

  beforeAll(async () => {
    lab = await startLab({clusters: ['east', 'west']})
    await Promise.all(['east', 'west'].map(name => installControlPlane(lab, name, {network: ''})))
    await deploySample(lab, 'west', 'v2')
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const flags = ['--contexts', 'east,west', '--single-network', '--ca-dir', ca, ...(await serverFlags(lab))]
    await meshOk(lab, ['federate', ...flags, '--yes'])
    await start()
  })

  afterAll(() => lab?.stop())

  /** Starts the istiod of east, and waits until it knows the endpoint in west. */
  async function start(binary?: string): Promise<void> {
    istiod = await lab.istiod('east', binary === undefined ? {} : {binary})
    await forward([8080, 15_014])
    await vi.waitUntil(async () => (await endpoints()) > 0, {timeout: 120_000, interval: 500})
  }

  /** Forwards ports of istiod's pod. Without 15014, only the tag of its image shows its version: that of the lab. */
  async function forward(ports: number[]): Promise<void> {
    const http = Number(new URL(istiod.http).port)
    const local = (port: number) => (port === 8080 ? http : http - 4)
    const forwards = ports.map(port => ({ports: [port], target: {address: '127.0.0.1', port: local(port)}}))
    await forwardIstiods(lab, 'east', forwards)
  }

  /** Number of endpoints of west that the istiod of east knows. */
  async function endpoints(): Promise<number> {
    const hosts = JSON.parse(await lab.runOk(['curl', '-s', `${istiod.http}/debug/endpointz`])) as Record<
      string,
      Record<string, {Shards?: Record<string, unknown[] | null>}>
    >
    return hosts[host]?.sample?.Shards?.['Kubernetes/west']?.length ?? 0
  }

  const held = () =>
    lab.kubectl('east', [...system, 'get', 'secret', 'istio-remote-secret-west', '-o', 'jsonpath={.data.west}'])

  test('a rotation loses no endpoint at any time', async () => {
    const before = await held()
    const samples: number[] = []
    let isRunning = true
    const sampling = (async () => {
      for (; isRunning; await new Promise(resolve => setTimeout(resolve, 100))) samples.push(await endpoints())
    })()
    // A loss shows after about 30 s (istio#61043).
    for (let at = 1; at <= rotations; at++) await meshOk(lab, [...rotate, '--hold', at === rotations ? '40s' : '1s'])
    isRunning = false
    await sampling
    expect(samples.filter(count => count === 0)).toEqual([])
    expect(samples.length).toBeGreaterThan(50)
    expect(await held()).not.toBe(before)
  })

  test('an older istiod is refused; without the gate, the loss is detected and undone', async () => {
    await start(oldIstiod(labFolder))
    const before = await held()
    const refused = await mesh(lab, rotate)
    expect(refused.code, refused.stderr).toBe(3)
    expect(refused.stderr).toMatch(/\(1\.30\.1-\S+\) may stop updating the cluster and remove its endpoints/)
    await forward([8080])
    const {code, stderr} = await mesh(lab, rotate)
    expect(code, stderr).toBe(4)
    expect(stderr).toMatch(/since the credential for west changed; restoring the previous credential/)
    expect(await held()).toBe(before)
  })
})
