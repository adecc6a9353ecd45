import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, inject, test, vi} from 'vitest'
import {installControlPlane} from '../support/control-plane.ts'
import {type DataPlaneLab, startLab} from '../support/lab.ts'
import {mesh, meshOk} from '../support/mesh.ts'
import {deploySample} from '../support/sample.ts'

const clusters = [
  {name: 'east', network: 'net-east', version: 'v1'},
  {name: 'west', network: 'net-west', version: 'v2'},
] as const
/** Resolved by the sidecar's DNS proxy: nothing else in the lab knows the name. */
const url = 'http://helloworld.sample.global:5000/hello'
const requests = 20

describe.skipIf(!inject('lab').dataplane)('gateways mode with real traffic', () => {
  let lab: DataPlaneLab
  let client: string

  beforeAll(async () => {
    lab = await startLab({clusters: clusters.map(({name}) => name), dataplane: true})
    for (const {name, network} of clusters) await installControlPlane(lab, name, {network})
    const ca = join(lab.dir, 'ca')
    await meshOk(lab, ['ca', 'init', '--dir', ca])
    const flags = ['--mode', 'gateways', '--capture-dns', '--contexts', 'east,west', '--ca-dir', ca]
    const federated = mesh(lab, ['federate', ...flags, '--yes', '--timeout', '120s'])
    for (const {name} of clusters) {
      const pods = ['-n', 'istio-system', 'get', 'pod', '-l', 'istio=eastwestgateway', '-o', 'name']
      await vi.waitUntil(async () => (await lab.kubectl(name, pods)) !== '', {timeout: 60_000, interval: 500})
      // the first cacerts of a running istiod counts from its next start (istio#57853); what it then injects trusts our root
      await lab.istiod(name)
      await lab.real(name)
    }
    const {code, stdout, stderr} = await federated
    if (code !== 0) throw new Error(`federate ended with ${code}\n${stdout}\n${stderr}`)
    for (const {name, version} of clusters) {
      await deploySample(lab, name, version)
      await lab.pod(name, 'sample', 'app=helloworld')
    }
    await lab.kubectl('west', ['-n', 'sample', 'create', 'deployment', 'client', '--image=curl'])
    client = await lab.pod('west', 'sample', 'app=client')
  })

  afterAll(() => lab?.stop())

  /** Whether the client finds an address for the name; curl ends with 6 when it does not. */
  async function resolves(): Promise<boolean> {
    return (await lab.exec(client, ['curl', '-s', '-m', '2', '-o', '/dev/null', url])).code !== 6
  }

  test('there is no remote Secret anywhere, and the name means nothing yet', async () => {
    for (const {name} of clusters)
      expect(await lab.kubectl(name, ['get', 'secrets', '-A', '-l', 'istio/multiCluster=true', '-o', 'name'])).toBe('')
    expect(await resolves()).toBe(false)
  })

  test('after an export all requests from west are answered by east, through its gateway', async () => {
    await meshOk(lab, [
      'service',
      'export',
      'helloworld',
      '-n',
      'sample',
      '--contexts',
      'east',
      '--to',
      'west',
      '--yes',
    ])
    await expect.poll(() => lab.count(client, requests, url), {timeout: 60_000}).toEqual({v1: requests})
    const {stdout} = await lab.exec(client, ['curl', '-s', 'localhost:15000/clusters'])
    const endpoints = stdout
      .split('\n')
      .filter(line => /^outbound\|5000\|\|helloworld\.sample\.global::.*rq_success/.test(line))
    expect(endpoints).toEqual([expect.stringMatching(/::203\.0\.113\.\d+:15443::rq_success::\d\d/)])
    const own = 'http://helloworld.sample.svc.cluster.local:5000/hello'
    expect(await lab.count(client, requests, own)).toEqual({v2: requests})
  })

  test('by mTLS: another identity than the exported one is not taken', async () => {
    const patch = JSON.stringify({spec: {subjectAltNames: ['spiffe://cluster.local/ns/sample/sa/nobody']}})
    await lab.kubectl('west', [
      '-n',
      'istio-system',
      'patch',
      'serviceentry',
      'helloworld.sample.global',
      '--type=merge',
      '-p',
      patch,
    ])
    await expect.poll(() => lab.count(client, 3, url), {timeout: 60_000}).toEqual({'code=503': 3})
    // the field is ours, and someone else changed it: that is told, and only --force-conflicts takes it back
    const again = ['service', 'export', 'helloworld', '-n', 'sample', '--contexts', 'east', '--to', 'west', '--yes']
    expect(await mesh(lab, again)).toMatchObject({code: 3, stderr: expect.stringContaining('kubectl-patch')})
    await meshOk(lab, [...again, '--force-conflicts'])
    await expect.poll(() => lab.count(client, requests, url), {timeout: 60_000}).toEqual({v1: requests})
  })

  test('after unexport the name means nothing again', async () => {
    await meshOk(lab, [
      'service',
      'unexport',
      'helloworld',
      '-n',
      'sample',
      '--contexts',
      'east',
      '--to',
      'west',
      '--yes',
    ])
    await expect.poll(resolves, {timeout: 60_000}).toBe(false)
  })
})
