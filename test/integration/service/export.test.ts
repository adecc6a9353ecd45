import {readdir, readFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, beforeEach, describe, expect, inject, it} from 'vitest'
import {type Ground, isWrite, readAll} from '../../support/ground.ts'
import {deployHello, deployService, federateGateways, importsOf, openGateways, service} from './support.ts'

const servers = inject('servers')

describe.skipIf(!servers)('services over two clusters in gateways mode', () => {
  let ground: Ground
  /** Of the Services, so that no other ground has a Service there. */
  let sample: string
  let host: string

  beforeAll(async () => {
    ground = await openGateways(servers!)
    sample = `${ground.namespace}-s`
    host = `hello.${sample}.global`
    for (const {api} of ground.clusters) await deployHello(api, sample)
  })
  afterAll(() => ground?.close())
  beforeEach(() => ground.reset())

  const [east, west] = ['east', 'west'] as const
  const api = (name: string) => ground.cluster(name).api
  const hello = (verb: string) => [verb, 'hello', '-n', sample]

  it('federate made gateways and no credential, noted the address, and finds nothing to do again', async () => {
    for (const {api, cluster} of ground.clusters) {
      const all = Object.keys(await readAll(api, ground.namespace))
      expect(all.filter(path => /secrets|clusterrole|istio-reader/.test(path))).toEqual([])
      const record = await api.get(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-federation`)
      expect(record).toMatchObject({
        data: {mode: 'gateways', dns: 'istio', cluster, gateway: expect.stringMatching(/^203\.0\.113\./)},
      })
    }
    const {code, stdout} = await federateGateways(ground, ['--yes'])
    expect({code, stdout}).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/east +– +203\.0\.113\.1 +unchanged +istio \(off\) +joined/),
    })
    expect(ground.writes()).toEqual([])
  })

  it('without a yes nothing is written', async () => {
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', east, '--to', west])
    expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('add --yes')})
    expect(ground.writes()).toEqual([])
  })

  it("a server dry run shows the difference and writes nothing; a client dry run can't be", async () => {
    const look = await service(ground, [
      ...hello('export'),
      '--contexts',
      east,
      '--to',
      west,
      '--dry-run=server',
      '--exit-code',
    ])
    expect(look.code).toBe(1)
    expect(look.stdout).toContain(`sni: outbound_.80_._.hello.${sample}.svc.cluster.local`)
    expect(ground.writes()).toEqual([])
    const client = await service(ground, [...hello('export'), '--contexts', east, '--to', west, '--dry-run=client'])
    expect(client).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining('--dry-run=server')})
  })

  it('export, again, list, unexport', async () => {
    const args = ['--contexts', east, '--to', west, '--yes']
    expect((await service(ground, [...hello('export'), ...args])).code).toBe(0)
    const made = await importsOf(api(west), ground.namespace)
    expect(Object.keys(made)).toEqual([`entry ${host}`, `rule ${host}`])
    expect(made[`entry ${host}`]!.spec).toMatchObject({
      subjectAltNames: [`spiffe://cluster.local/ns/${sample}/sa/hello`],
      endpoints: [{address: '203.0.113.1', network: `east.${ground.namespace}`}],
    })
    expect(await importsOf(api(east), ground.namespace)).toEqual({})
    ground.reset()
    const again = await service(ground, [...hello('export'), ...args])
    expect(again).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`${host} +west +east +1 +unchanged`)),
    })
    expect(ground.writes()).toEqual([])
    const list = await service(ground, ['list', '--contexts', 'east,west', '-o', 'json'])
    expect(JSON.parse(list.stdout)).toMatchObject({
      services: [{service: host, exporters: ['east'], importers: ['west'], endpoints: ['203.0.113.1:15443']}],
    })
    expect((await service(ground, [...hello('unexport'), ...args])).code).toBe(0)
    expect(await importsOf(api(west), ground.namespace)).toEqual({})
    expect(
      await api(west).get(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-services`),
    ).toBeUndefined()
    const none = await service(ground, ['unexport', '--all', ...args])
    expect(none).toMatchObject({code: 0, stderr: expect.stringContaining('nothing to do')})
  })

  it('each other, and one that is taken back leaves the other alone', async () => {
    expect((await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])).code).toBe(0)
    for (const [at, one] of [east, west].entries()) {
      const {spec} = (await importsOf(api(one), ground.namespace))[`entry ${host}`]!
      expect(spec.endpoints).toEqual([expect.objectContaining({address: `203.0.113.${2 - at}`})])
    }
    expect((await service(ground, [...hello('unexport'), '--contexts', east, '--to', west, '--yes'])).code).toBe(0)
    expect(await importsOf(api(west), ground.namespace)).toEqual({})
    expect(Object.keys(await importsOf(api(east), ground.namespace))).toHaveLength(2)
    const gone = ['unexport', '--all', '--contexts', west, '--cluster-name', 'west=west', '--to', east, '--yes']
    ground.cluster(west).proxy.decide = () => 'reset'
    expect(await service(ground, gone)).toMatchObject({code: 0, stderr: expect.not.stringContaining('error')})
    expect(await importsOf(api(east), ground.namespace)).toEqual({})
  })

  it.each([
    ['headless', {clusterIP: 'None', selector: {app: 'hello'}, ports: [{port: 80}]}, 'is headless'],
    ['outside', {type: 'ExternalName', externalName: 'example.org'}, 'is of type ExternalName'],
    ['udp', {selector: {app: 'hello'}, ports: [{port: 53, protocol: 'UDP'}]}, 'has UDP ports only'],
    ['portless', {clusterIP: 'None', selector: {app: 'hello'}}, 'is headless'],
    ['nobody', {selector: {app: 'nobody'}, ports: [{port: 80}]}, 'has no pod behind it'],
  ])("a Service that can't be exported (%s) is told, and nothing is written", async (name, spec, message) => {
    await deployService(api(east), sample, name, spec)
    const {code, stderr} = await service(ground, [
      'export',
      name,
      '-n',
      sample,
      '--contexts',
      east,
      '--to',
      west,
      '--yes',
    ])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining(message)})
    expect(stderr).toContain('hint:')
    expect(ground.writes()).toEqual([])
  })

  it('--all and -l export what they can and tell the rest', async () => {
    const all = await service(ground, ['export', '--all', '-n', sample, '--contexts', east, '--to', west, '--yes'])
    expect(all).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Service '.concat(sample, '/headless is headless')),
    })
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toEqual([`entry ${host}`, `rule ${host}`])
    const none = await service(ground, [
      'export',
      '-l',
      'nobody=has-it',
      '-n',
      sample,
      '--contexts',
      east,
      '--to',
      west,
      '--yes',
    ])
    expect(none).toMatchObject({code: 0, stderr: expect.stringContaining('nothing to do')})
    await service(ground, ['unexport', '--all', '--contexts', east, '--to', west, '--yes'])
  })

  it("a host that someone else's ServiceEntry has is told, and nothing is written", async () => {
    const theirs = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'theirs', namespace: sample},
      spec: {hosts: [host], resolution: 'DNS', ports: [{number: 80, name: 'http', protocol: 'HTTP'}]},
    }
    await api(west).apply(theirs)
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', east, '--to', west, '--yes'])
    expect({code, stderr}).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(`ServiceEntry ${sample}/theirs of others has the host`),
    })
    expect(ground.writes()).toEqual([])
    await api(west).delete(`/apis/networking.istio.io/v1/namespaces/${sample}/serviceentries/theirs`)
  })

  it('a cluster that does not answer is told before anything is written', async () => {
    ground.cluster(west).proxy.decide = () => 'reset'
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('error: west: ')})
    expect(ground.writes()).toEqual([])
  })

  it('one importer that fails in the middle does not stop the other, and the next run converges', async () => {
    ground.cluster(west).proxy.decide = request =>
      isWrite(request) && request.url.includes('serviceentries') ? 'reset' : 'pass'
    const first = await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])
    expect(first).toMatchObject({code: 4, stderr: expect.stringContaining('error: west: ')})
    expect(Object.keys(await importsOf(api(east), ground.namespace))).toHaveLength(2)
    // the rule comes first: no proxy ever has the name without it
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toEqual([`rule ${host}`])
    ground.reset()
    expect((await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])).code).toBe(0)
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toHaveLength(2)
    await service(ground, ['unexport', '--all', '--contexts', 'east,west', '--yes'])
  })

  it('--output-dir writes files and no cluster, the same bytes each time', async () => {
    const folder = join(ground.folder, 'fleet')
    const args = [...hello('export'), '--contexts', east, '--to', west, '--output-dir', folder]
    const {code, stdout} = await service(ground, args)
    expect({code, lines: stdout.trim().split('\n').length}).toEqual({code: 0, lines: 4})
    const files = await readdir(join(folder, 'west'))
    const texts = () => Promise.all(files.map(file => readFile(join(folder, 'west', file), 'utf8')))
    const first = await texts()
    const kinds = first.flatMap(text => loadAll(text) as {kind: string}[]).map(({kind}) => kind)
    expect(kinds.sort()).toEqual(['ConfigMap', 'DestinationRule', 'Kustomization', 'ServiceEntry'])
    await service(ground, args)
    expect(await texts()).toEqual(first)
    expect(ground.writes()).toEqual([])
  })
})
