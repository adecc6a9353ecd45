import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {printed} from '../../support/ground/interrupted.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, federateGateways, importsOf, service} from '../service/support.ts'

const servers = sharedServers()
const partOf = 'applyset.kubernetes.io/part-of'
const exportersAnnotation = 'kubectl-mesh.io/exporters'
const corefilePath = '/api/v1/namespaces/kube-system/configmaps/coredns'
const corefile = '.:53 {\n    errors\n    forward . 10.0.0.1\n    reload\n}\n'

/** A ServiceEntry as the security review forged it: another team's service with endpoints and identities of its author. */
function forgedEntry(id: string, namespace: string, name: string, host: string, addresses: string[]): AnyObject {
  const exporter = {
    addresses: ['127.6.6.6'],
    port: 15443,
    network: 'evil',
    identities: [`spiffe://cluster.local/ns/${namespace}/sa/mallory`],
    ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
    clusterDomain: 'cluster.local',
  }
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: {
      name,
      namespace,
      labels: {[partOf]: id, 'istio.io/rev': 'nosuch'},
      annotations: {[exportersAnnotation]: JSON.stringify({west: exporter})},
    },
    spec: {
      hosts: [host],
      exportTo: ['.'],
      resolution: 'STATIC',
      location: 'MESH_INTERNAL',
      ports: [{name: 'http', number: 80, protocol: 'HTTP'}],
      addresses,
      endpoints: [{address: '127.6.6.6'}],
    },
  }
}

describe.skipIf(!servers)('ServiceEntries that the administrator of another namespace created', () => {
  let ground: Ground
  let shop: string
  let team: string
  let mallory: Api
  /** Value of the label of imports. */
  let id: string

  const east = () => ground.cluster('east').api
  const entriesPath = (namespace: string) => `/apis/networking.istio.io/v1/namespaces/${namespace}/serviceentries`
  const run = (verb: string, name: string, args: string[] = []) =>
    service(ground, [verb, name, '-n', shop, '--contexts', 'west', '--to', 'east', '--yes', ...args])
  const corefileOf = async () => ((await east().get(corefilePath))!.data as {Corefile: string}).Corefile
  const forge = (name: string, host: string, addresses: string[]) =>
    mallory.apply(forgedEntry(id, team, name, host, addresses))

  beforeAll(async () => {
    ground = await openGround(servers!)
    shop = `${ground.namespace}-shop`
    team = `${ground.namespace}-team-a`
    mallory = await namespaceAdmin(ground.cluster('east'), team)
    for (const {api} of ground.clusters)
      await api.apply({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {name: 'coredns', namespace: 'kube-system'},
        data: {Corefile: corefile},
      })
    const {api} = ground.cluster('west')
    await deployHello(api, shop)
    for (const name of ['pay', 'other', 'third'])
      await deployService(api, shop, name, {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]})
    expect((await federateGateways(ground, ['--dns', 'coredns', '--yes'])).code).toBe(0)
    expect((await run('export', 'pay')).code).toBe(0)
    const imports = await importsOf(east(), ground.namespace)
    id = (imports[`entry pay.${shop}.global`]!.metadata.labels as Record<string, string>)[partOf]!
  })
  afterAll(async () => {
    for (const {api} of ground.clusters) await api.delete(corefilePath)
    mallory?.close()
    await ground?.close()
  })
  beforeEach(async () => {
    ground.reset()
    const found = await mallory.get<{items: AnyObject[]}>(entriesPath(team))
    for (const {metadata} of found!.items) await mallory.delete(`${entriesPath(team)}/${metadata.name}`)
  })

  it('the administrator of the namespace cannot write elsewhere', async () => {
    await expect(mallory.apply(forgedEntry(id, ground.namespace, 'x', 'x.y.global', []))).rejects.toThrow(/403/)
    await expect(mallory.get(`/api/v1/namespaces/${ground.namespace}/configmaps`)).rejects.toThrow(/403/)
  })

  it('change nothing of the imports and the DNS, and are reported', async () => {
    const payBefore = (await importsOf(east(), ground.namespace))[`entry pay.${shop}.global`]!
    await forge('zz-pay', `pay.${shop}.global`, ['127.6.6.6'])
    await forge('bank', 'bank.prod.global', ['127.6.6.7'])
    await forge('inj', 'inj.prod.global', ['1.2.3.4"\n}\n}\ncluster.local:53 {\nforward . 127.6.6.6\n#'])
    const {code, stderr} = await run('export', 'other')
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/its record does not list them\. They are left alone:/)
    for (const name of ['zz-pay', 'bank', 'inj'])
      expect(stderr).toContain(`serviceentry.networking.istio.io/${name} in namespace ${team}`)
    expect(stderr).toContain(
      `ServiceEntry zz-pay in namespace ${team} also has pay.${shop}.global: Istio uses the entry in the namespace of a client`,
    )
    const imports = await importsOf(east(), ground.namespace)
    expect(Object.keys(imports).filter(key => key.startsWith('entry'))).toEqual([
      `entry other.${shop}.global`,
      `entry pay.${shop}.global`,
    ])
    expect(imports[`entry pay.${shop}.global`]!.spec).toEqual(payBefore.spec)
    const text = await corefileOf()
    expect(text).not.toMatch(/127\.6\.6|bank|inj|cluster\.local/)
    expect(text.startsWith(corefile)).toBe(true)
  })

  it('block no export by the host or by the address that it would get', async () => {
    const [taken] = (await importsOf(east(), ground.namespace))[`entry other.${shop}.global`]!.spec.addresses!
    expect((await run('unexport', 'other')).code).toBe(0)
    await forge('squat', `other.${shop}.global`, [taken!])
    const {code, stderr} = await run('export', 'other')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`also has other.${shop}.global, ${taken}`)
    expect((await importsOf(east(), ground.namespace))[`entry other.${shop}.global`]!.spec.addresses).toEqual([taken])
  })

  it('stay when a service is withdrawn, and are not listed', async () => {
    await forge(`pay.${shop}.global`, `pay.${shop}.global`, ['127.6.6.6'])
    const list = await service(ground, ['list', '--contexts', 'east', '-o', 'json'])
    expect(list.stdout).not.toContain('127.6.6.6')
    expect((await run('unexport', 'pay')).code).toBe(0)
    expect(Object.keys(await importsOf(east(), team))).toEqual([`entry pay.${shop}.global`])
    expect(Object.keys(await importsOf(east(), ground.namespace))).not.toContain(`entry pay.${shop}.global`)
    const {code, stderr} = await run('unexport', '--all')
    expect(code, stderr).toBe(0)
    expect(Object.keys(await importsOf(east(), team))).toEqual([`entry pay.${shop}.global`])
    expect(await importsOf(east(), ground.namespace)).toEqual({})
  })

  it('are reported once by --watch, which changes nothing because of them', async () => {
    await forge('bank', 'bank.prod.global', ['127.6.6.7'])
    let stderr = ''
    const args = ['service', 'export', '--watch', '--contexts', 'west', '--to', 'east', '--interval', '1s', '--yes']
    const ended = ground.mesh([...args, '-n', shop, '--system-namespace', ground.namespace], {
      onStart: child => {
        child.stderr!.on('data', chunk => (stderr += chunk))
        // The second report shows that a round after the first one has ended.
        void printed(child, 'stderr', '/second in').then(() => child.kill('SIGINT'))
      },
    })
    await expect.poll(() => stderr, {timeout: 60_000}).toContain('/bank in')
    await forge('second', 'second.prod.global', [])
    expect((await ended).code, stderr).toBe(130)
    expect(stderr.split('/bank in')).toHaveLength(2)
    expect(await importsOf(east(), ground.namespace)).toEqual({})
    expect(await corefileOf()).not.toContain('127.6.6')
  })

  it('a Service of that namespace with the network label redirects no export', async () => {
    const admin = await namespaceAdmin(ground.cluster('west'), `${ground.namespace}-a`)
    await admin.apply({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {
        name: 'gateway',
        namespace: `${ground.namespace}-a`,
        labels: {'topology.istio.io/network': `west.${ground.namespace}`},
      },
      spec: {ports: [{name: 'tls', port: 15443}], externalIPs: ['198.51.100.66']},
    })
    const {code, stderr} = await run('export', 'third')
    await admin.delete(`/api/v1/namespaces/${ground.namespace}-a/services/gateway`)
    admin.close()
    expect(code, stderr).toBe(0)
    const {endpoints} = (await importsOf(east(), ground.namespace))[`entry third.${shop}.global`]!.spec
    expect(endpoints!.map(({address}) => address)).toEqual(['203.0.113.2'])
  })
})

describe.skipIf(!servers)('an import that a mesh administrator edited', () => {
  let ground: Ground
  let shop: string
  const east = () => ground.cluster('east').api
  const entry = (name: string) => `${name}.${shop}.global`
  const run = (verb: string, name: string) =>
    service(ground, [verb, name, '-n', shop, '--contexts', 'west', '--to', 'east', '--yes'])

  beforeAll(async () => {
    ground = await openGround(servers!)
    shop = `${ground.namespace}-shop`
    const {api} = ground.cluster('west')
    await deployHello(api, shop)
    await deployService(api, shop, 'other', {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]})
    expect((await federateGateways(ground, ['--yes'])).code).toBe(0)
    expect((await run('export', 'hello')).code).toBe(0)
    const {metadata} = (await importsOf(east(), ground.namespace))[`entry ${entry('hello')}`]!
    const hostile = {west: {addresses: ['a\nb'], identities: [], ports: []}}
    await east().apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {
        name: metadata.name,
        namespace: ground.namespace,
        annotations: {[exportersAnnotation]: JSON.stringify(hostile)},
      },
    })
    ground.reset()
  })
  afterAll(() => ground?.close())

  const warning =
    /warning: east: ServiceEntry \S+ is not a valid import and is ignored: annotation .* exporter west: addresses "a\\nb"/

  it('is reported by list, export, unexport, federate and verify, and stops none of them', async () => {
    const other = await run('export', 'other')
    expect(other, other.stderr).toMatchObject({code: 0, stderr: expect.stringMatching(warning)})
    const list = await service(ground, ['list', '--contexts', 'east', '-o', 'json'])
    expect(list).toMatchObject({code: 0, stderr: expect.stringMatching(warning)})
    expect(JSON.parse(list.stdout).services.map(({service}: {service: string}) => service)).toEqual([entry('other')])
    const again = await run('export', 'hello')
    expect(again).toMatchObject({code: 3, stderr: expect.stringContaining('which is not a valid import, has the host')})
    const unexport = await run('unexport', 'other')
    expect(unexport, unexport.stderr).toMatchObject({code: 0, stderr: expect.stringMatching(warning)})
    expect(Object.keys(await importsOf(east(), ground.namespace))).toEqual([
      `entry ${entry('hello')}`,
      `rule ${entry('hello')}`,
    ])
    const federated = await federateGateways(ground, ['--yes'])
    expect(federated).toMatchObject({code: 0, stderr: expect.stringMatching(warning)})
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const verified = await ground.mesh(['federate', 'verify', ...where])
    expect(verified.stdout + verified.stderr).toMatch(/is not a valid import and is ignored: annotation/)
  })

  it('is removed with the cluster that leaves', async () => {
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stderr} = await ground.mesh(['federate', 'remove', ...where, '--yes'])
    expect(code, stderr).toBe(0)
    expect(await importsOf(east(), ground.namespace)).toEqual({})
  })
})

describe.skipIf(!servers)('a service that was exported with --cluster-domain', () => {
  it('keeps the domain in later runs without the flag', async () => {
    const ground = await openGround(servers!)
    try {
      const shop = `${ground.namespace}-shop`
      const domain = ['--cluster-domain', 'k8s.example.com']
      await deployHello(ground.cluster('west').api, shop)
      expect((await federateGateways(ground, [...domain, '--yes'])).code).toBe(0)
      const args = ['export', 'hello', '-n', shop, '--contexts', 'west', '--to', 'east', '--yes']
      expect((await service(ground, [...args, ...domain])).code).toBe(0)
      ground.reset()
      const again = await service(ground, args)
      expect(again.code, again.stderr).toBe(0)
      expect(ground.writes()).toEqual([])
    } finally {
      await ground.close()
    }
  })
})
