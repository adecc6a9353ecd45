import type {ChildProcess} from 'node:child_process'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {ambientControlPlane, installGatewayApi} from '../../support/ground/ambient.ts'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {killedAfter} from '../../support/ground/killed.ts'
import {memberLists} from '../../support/ground/members.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, service} from './support.ts'

const servers = sharedServers()
type Service = AnyObject & {
  metadata: {labels?: Record<string, string>; annotations?: Record<string, string>; uid: string}
  spec: {selector?: object; ports: object[]}
}

describe.skipIf(!servers)('services of two ambient meshes', () => {
  let ground: Ground
  /** Namespace of the Services, which no other test uses. It exists only in east. */
  let sample: string

  beforeAll(async () => {
    ground = await openGround(servers!, {controlPlane: () => ambientControlPlane})
    sample = `${ground.namespace}-s`
    for (const {api} of ground.clusters) await installGatewayApi(api)
    await deployHello(ground.cluster('east').api, sample, {team: 'shop'})
  })
  afterAll(() => ground?.close())
  beforeEach(() => ground.reset())

  const api = (name: string) => ground.cluster(name).api
  const path = (name = 'hello') => `/api/v1/namespaces/${sample}/services/${name}`
  const serviceIn = (cluster: string, name?: string) => api(cluster).get<Service>(path(name))
  const pair = ['--contexts', 'east', '--to', 'west']
  const hello = (verb: string, more: readonly string[] = pair) =>
    service(ground, [verb, 'hello', '-n', sample, ...more])
  const comparable = (one: Service | undefined) => one && {labels: one.metadata.labels, spec: one.spec}

  it('writes nothing without confirmation, and nothing in a dry run, which shows what it would create', async () => {
    expect(await hello('export')).toMatchObject({code: 2, stderr: expect.stringContaining('add --yes')})
    const preview = await hello('export', [...pair, '--dry-run=server', '--exit-code'])
    expect(preview.code, preview.stderr).toBe(1)
    expect(preview.stderr).toContain(
      `west: this run creates Service ${sample}/hello and namespace ${sample}, without pods: clients here need its name and address`,
    )
    expect(preview.stdout).toContain('istio.io/global')
    expect(ground.writes()).toEqual([])
  })

  it('a run that is killed before and after each write is continued', async () => {
    for (let kill = 0; kill < 12; kill++) {
      const args = [
        'service',
        'export',
        'hello',
        '-n',
        sample,
        ...pair,
        '--yes',
        '--system-namespace',
        ground.namespace,
      ]
      const {code} = await ground.mesh(args, killedAfter(ground, kill))
      if (code === 0) break
      expect(code).toBe(-1)
    }
    ground.reset()
    const {code, stderr} = await hello('export', [...pair, '--yes'])
    expect(code, stderr).toBe(0)
  })

  it('labels the Service of the exporter, and creates a Service without pods for the clients of the other cluster', async () => {
    const {code, stdout, stderr} = await hello('export', [...pair, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${sample}/hello +east +west +unchanged$`, 'm'))
    expect(stdout).toMatch(new RegExp(`^${sample}/hello +west +east +unchanged$`, 'm'))
    expect(ground.writes()).toEqual([])
    const [own, stub] = [await serviceIn('east'), await serviceIn('west')]
    expect(own!.metadata).toMatchObject({
      labels: {team: 'shop', 'istio.io/global': 'true'},
      annotations: {'kubectl-mesh.io/shared': '{"with":["west"]}'},
    })
    expect(stub!.spec.selector).toBeUndefined()
    expect(stub).toMatchObject({
      metadata: {labels: {'istio.io/global': 'true'}},
      spec: {ports: [{name: 'http', port: 80}]},
    })
    const {listed} = await memberLists(api('west'), ground.namespace, 'kubectl-mesh-shared-services')
    expect(listed).toEqual([`v1 ${sample} hello ${stub!.metadata.uid}`])
    const list = await service(ground, ['list', '--contexts', 'east,west', '-o', 'json'])
    expect(JSON.parse(list.stdout)).toMatchObject({
      services: [
        {service: `${sample}/hello`, cluster: 'east', state: 'shared', sharedWith: ['west']},
        {service: `${sample}/hello`, cluster: 'west', state: 'client only', sharedWith: ['east']},
      ],
    })
    expect(list.stderr).toContain('what ztunnels know about other networks is not shown')
  })

  it('unexport restores the label, and removes the Service that it created; the namespace stays', async () => {
    const {code, stdout, stderr} = await hello('unexport', [...pair, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stdout).toMatch(new RegExp(`^${sample}/hello +east +- +removed$`, 'm'))
    const own = await serviceIn('east')
    expect(own!.metadata.labels).toEqual({team: 'shop'})
    expect(own!.metadata.annotations ?? {}).not.toHaveProperty('kubectl-mesh.io/shared')
    expect(await serviceIn('west')).toBeUndefined()
    expect(
      await api('west').get(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-shared-services`),
    ).toBeUndefined()
    expect(await api('west').get(`/api/v1/namespaces/${sample}`)).toBeDefined()
    const again = await hello('unexport', [...pair, '--yes'])
    expect(again).toMatchObject({code: 0, stderr: expect.stringContaining('nothing to remove')})
  })

  it('a Service that exists on both sides gets the label, with a former value; one that its owner shares is left alone', async () => {
    const ports = [{port: 80, name: 'http'}]
    await deployService(api('west'), sample, 'hello', {selector: {app: 'hello'}, ports}, {'istio.io/global': 'no'})
    await deployService(api('east'), sample, 'owned', {ports}, {'istio.io/global': 'true'})
    await deployService(api('west'), sample, 'owned', {ports}, {'istio.io/global': 'true'})
    const before = await Promise.all(['east', 'west'].map(async name => comparable(await serviceIn(name))))
    const exported = await hello('export', ['--contexts', 'east,west', '--yes', '--force-conflicts'])
    expect(exported.code, exported.stderr).toBe(0)
    expect((await serviceIn('west'))!.metadata.annotations).toMatchObject({
      'kubectl-mesh.io/shared': '{"with":["east"],"former":"no"}',
    })
    const owned = ['owned', '-n', sample, ...pair, '--yes']
    expect((await service(ground, ['export', ...owned])).stdout).toMatch(/owned +east +west +unchanged/)
    expect(await service(ground, ['unexport', ...owned])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('but not by kubectl-mesh, and keeps the label'),
    })
    const all = await service(ground, ['unexport', '--all', '-n', sample, '--contexts', 'east,west', '--yes'])
    expect(all.code, all.stderr).toBe(0)
    expect(await Promise.all(['east', 'west'].map(async name => comparable(await serviceIn(name))))).toEqual(before)
    for (const name of ['east', 'west']) await api(name).delete(path('owned'))
    await api('west').delete(path())
  })

  it('a label of another field manager is a conflict', async () => {
    await deployService(api('west'), sample, 'hello', {ports: [{port: 80}]}, {'istio.io/global': 'false'})
    const {code, stderr} = await hello('export', [...pair, '--yes'])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('istio.io/global')})
    expect(ground.writes()).toEqual([])
    await api('west').delete(path())
  })

  it('a replaced stub is not removed, nor one whose record is gone', async () => {
    expect((await hello('export', [...pair, '--yes'])).code).toBe(0)
    const record = `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-shared-services`
    await api('west').delete(record)
    expect(await hello('unexport', [...pair, '--yes'])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('the record of the Services above, is missing; nothing was removed'),
    })
    expect(await serviceIn('west')).toBeDefined()
    // The export lists it again.
    expect((await hello('export', [...pair, '--yes'])).code).toBe(0)
    const stub = (await serviceIn('west'))!
    await api('west').delete(path())
    await deployService(api('west'), sample, 'hello', {ports: [{port: 80}]}, {'istio.io/global': 'true'})
    expect((await serviceIn('west'))!.metadata.uid).not.toBe(stub.metadata.uid)
    expect((await hello('unexport', [...pair, '--yes'])).code).toBe(0)
    expect(await serviceIn('west')).toBeDefined()
    await api('west').delete(path())
  })

  it('--watch follows the label, keeps what is exported by name, and ends with Ctrl-C', async () => {
    const label = {'mesh.kubectl-mesh.io/export': 'true'}
    const spec = {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]}
    await deployService(api('east'), sample, 'byhand', spec)
    expect((await service(ground, ['export', 'byhand', '-n', sample, ...pair, '--yes'])).code).toBe(0)
    let child: ChildProcess | undefined
    let stderr = ''
    const args = ['service', 'export', '--watch', ...pair, '-n', sample, '--interval', '1s', '--yes']
    const ended = ground.mesh([...args, '--system-namespace', ground.namespace], {
      onStart: started => {
        child = started
        started.stderr!.on('data', chunk => (stderr += chunk))
      },
    })
    await expect.poll(() => stderr, {timeout: 60_000}).toContain('watching Services labelled')
    await deployService(api('east'), sample, 'hello', spec, {...label, team: 'shop'})
    await expect.poll(() => serviceIn('west'), {timeout: 60_000}).toBeDefined()
    // A stub that was deleted is created again.
    await api('west').delete(path())
    await expect.poll(() => serviceIn('west'), {timeout: 60_000}).toBeDefined()
    await api('east').apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'hello', namespace: sample, labels: {team: 'shop'}},
      spec,
    })
    await expect.poll(() => serviceIn('west'), {timeout: 60_000}).toBeUndefined()
    await expect.poll(async () => (await serviceIn('east'))!.metadata.labels, {timeout: 60_000}).toEqual({team: 'shop'})
    expect(await serviceIn('west', 'byhand')).toBeDefined()
    child!.kill('SIGINT')
    expect((await ended).code, stderr).toBe(130)
    expect((await service(ground, ['unexport', 'byhand', '-n', sample, ...pair, '--yes'])).code).toBe(0)
  })

  it('--output-dir writes what client clusters need, and changes nothing', async () => {
    const folder = join(ground.folder, 'stubs')
    const {code, stderr} = await hello('export', [...pair, '--output-dir', folder])
    expect(code, stderr).toBe(0)
    expect(await readdir(join(folder, 'west'))).not.toEqual([])
    expect(ground.writes()).toEqual([])
  })

  it('--cluster-domain is refused: Services keep their names', async () => {
    const {code, stderr} = await hello('export', [...pair, '--cluster-domain', 'k8s.org', '--yes'])
    expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('--cluster-domain has no effect')})
    expect(ground.writes()).toEqual([])
  })
})

describe.skipIf(!servers)('services of an ambient mesh and one with sidecars', () => {
  it('are not exchanged: Istio has no path between them', async () => {
    const controlPlane = (context: string) => (context === 'east' ? ambientControlPlane : {})
    const ground = await openGround(servers!, {controlPlane})
    try {
      const {code, stderr} = await service(ground, [
        'export',
        'a',
        '-n',
        'default',
        '--contexts',
        'east',
        '--to',
        'west',
      ])
      expect({code, stderr}).toMatchObject({
        code: 3,
        stderr: expect.stringContaining('pods of east run in ambient mode, those of west do not'),
      })
    } finally {
      await ground.close()
    }
  })
})
