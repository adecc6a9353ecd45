import {readdir, readFile, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {loadAll} from 'js-yaml'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {meshFileVersion} from '../../../src/spec/documents/kind.ts'
import {type Ground, isWrite} from '../../support/ground/ground.ts'
import {readAll} from '../../support/ground/objects.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, federateGateways, importsOf, openGateways, service} from './support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('services of two clusters in gateways mode', () => {
  let ground: Ground
  /** Namespace of the Services, which no other test uses. */
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

  it('federate creates gateways without credentials and records the address; a second run changes nothing', async () => {
    for (const {api, cluster} of ground.clusters) {
      const all = Object.keys(await readAll(api, ground.namespace))
      expect(all.filter(path => /secrets|istio-reader/.test(path))).toEqual([])
      const record = await api.get(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-federation`)
      expect(record).toMatchObject({
        data: {mode: 'gateways', dns: 'istio', cluster, gateway: expect.stringMatching(/^203\.0\.113\./)},
      })
    }
    const {code, stdout} = await federateGateways(ground, ['--yes'])
    expect({code, stdout}).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/east +- +203\.0\.113\.1 +unchanged +istio \(off\) +joined/),
    })
    expect(ground.writes()).toEqual([])
  })

  it('writes nothing without confirmation', async () => {
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', east, '--to', west])
    expect({code, stderr}).toMatchObject({code: 2, stderr: expect.stringContaining('add --yes')})
    expect(ground.writes()).toEqual([])
  })

  it('a server dry run shows the difference and writes nothing; a client dry run is refused', async () => {
    const preview = await service(ground, [
      ...hello('export'),
      '--contexts',
      east,
      '--to',
      west,
      '--dry-run=server',
      '--exit-code',
    ])
    expect(preview.code).toBe(1)
    expect(preview.stdout).toContain(`sni: outbound_.80_._.hello.${sample}.svc.cluster.local`)
    expect(ground.writes()).toEqual([])
    const client = await service(ground, [...hello('export'), '--contexts', east, '--to', west, '--dry-run=client'])
    expect(client).toMatchObject({code: 2, stdout: '', stderr: expect.stringContaining('--dry-run=server')})
  })

  it('export, second export, list, unexport', async () => {
    const args = ['--contexts', east, '--to', west, '--yes']
    expect((await service(ground, [...hello('export'), ...args])).code).toBe(0)
    const created = await importsOf(api(west), ground.namespace)
    expect(Object.keys(created)).toEqual([`entry ${host}`, `rule ${host}`])
    expect(created[`entry ${host}`]!.spec).toMatchObject({
      subjectAltNames: [`spiffe://cluster.local/ns/${sample}/sa/hello`],
      endpoints: [{address: '203.0.113.1', network: `east.${ground.namespace}`}],
    })
    expect(await importsOf(api(east), ground.namespace)).toEqual({})
    ground.reset()
    const second = await service(ground, [...hello('export'), ...args])
    expect(second).toMatchObject({
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

  it('a mesh file exports it as the flags do: the command then finds nothing to do', async () => {
    const file = join(ground.folder, 'export.yaml')
    const spec = {namespace: sample, contexts: [east], to: [west], systemNamespace: ground.namespace}
    const metadata = {name: 'hello'}
    await writeFile(file, JSON.stringify({apiVersion: meshFileVersion, kind: 'ServiceExport', metadata, spec}))
    const {code, stdout, stderr} = await ground.mesh(['apply', '-f', file, '--yes', '-o', 'json'])
    expect({code, stderr}).toMatchObject({code: 0})
    expect(JSON.parse(stdout).documents).toMatchObject([{kind: 'ServiceExport', name: 'hello', result: 'applied'}])
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toEqual([`entry ${host}`, `rule ${host}`])
    ground.reset()
    for (const words of [
      ['-f', file],
      [...hello('').slice(1), '--contexts', east, '--to', west],
    ])
      expect((await service(ground, ['export', ...words, '--yes'])).code).toBe(0)
    expect(ground.writes()).toEqual([])
    expect(await ground.mesh(['diff', '-f', file, '--exit-code'])).toMatchObject({code: 0})
    const removal = [...hello('unexport'), '--contexts', east, '--to', west, '--yes']
    expect((await service(ground, removal)).code).toBe(0)
  })

  it('clusters export to each other; withdrawing one export keeps the other', async () => {
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
    ['outside', {type: 'ExternalName', externalName: 'example.org'}, 'has type ExternalName'],
    ['udp', {selector: {app: 'hello'}, ports: [{port: 53, protocol: 'UDP'}]}, 'has only UDP ports'],
    ['portless', {clusterIP: 'None', selector: {app: 'hello'}}, 'is headless'],
    ['podless', {selector: {app: 'missing'}, ports: [{port: 80}]}, 'selects no workload'],
  ])('refuses a Service that cannot be exported (%s) and writes nothing', async (name, spec, message) => {
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

  it('--all and -l export what is possible and warn of the rest', async () => {
    const all = await service(ground, ['export', '--all', '-n', sample, '--contexts', east, '--to', west, '--yes'])
    expect(all).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Service '.concat(sample, '/headless is headless')),
    })
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toEqual([`entry ${host}`, `rule ${host}`])
    const none = await service(ground, [
      'export',
      '-l',
      'missing=label',
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

  it('refuses a host that an unmanaged ServiceEntry in the system namespace has, and writes nothing', async () => {
    const theirs = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'theirs', namespace: ground.namespace},
      spec: {hosts: [host], resolution: 'DNS', ports: [{number: 80, name: 'http', protocol: 'HTTP'}]},
    }
    await api(west).apply(theirs)
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', east, '--to', west, '--yes'])
    expect({code, stderr}).toMatchObject({
      code: 3,
      stderr: expect.stringContaining(
        `ServiceEntry ${ground.namespace}/theirs, which kubectl-mesh does not manage, has the host`,
      ),
    })
    expect(ground.writes()).toEqual([])
    await api(west).delete(`/apis/networking.istio.io/v1/namespaces/${ground.namespace}/serviceentries/theirs`)
  })

  it('reports a cluster that does not answer before anything is written', async () => {
    ground.cluster(west).proxy.decide = () => 'reset'
    const {code, stderr} = await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('error: west: ')})
    expect(ground.writes()).toEqual([])
  })

  it('a failure in one importing cluster does not stop the other, and the next run completes', async () => {
    ground.cluster(west).proxy.decide = request =>
      isWrite(request) && request.url.includes('serviceentries') ? 'reset' : 'pass'
    const first = await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])
    expect(first).toMatchObject({code: 4, stderr: expect.stringContaining('error: west: ')})
    expect(Object.keys(await importsOf(api(east), ground.namespace))).toHaveLength(2)
    // The DestinationRule is created first, so that no proxy uses the host without it.
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toEqual([`rule ${host}`])
    ground.reset()
    expect((await service(ground, [...hello('export'), '--contexts', 'east,west', '--yes'])).code).toBe(0)
    expect(Object.keys(await importsOf(api(west), ground.namespace))).toHaveLength(2)
    await service(ground, ['unexport', '--all', '--contexts', 'east,west', '--yes'])
  })

  it('--output-dir writes reproducible files and changes no cluster', async () => {
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
