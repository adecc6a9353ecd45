import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {memberLists} from '../../support/ground/members.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, deployService, federateGateways, importsOf, service} from '../service/support.ts'

const servers = sharedServers()
let count = 0

/** A feature whose record is lost after its first run. */
interface Feature {
  name: string
  /** Name of the ConfigMap. */
  record: (namespace: string) => string
  apply: (ground: Ground, namespace: string) => string[]
  /** Undefined for a feature without a removal. */
  remove: ((namespace: string) => string[]) | undefined
  /** An object that the first run created. */
  object: (namespace: string) => string
}

const features: Feature[] = [
  {
    name: 'vm',
    record: namespace => `kubectl-mesh-vm-${namespace}-web`,
    apply: (ground, namespace) => [
      ...['vm', 'register', 'web', '-n', namespace, '--service-account', 'web', '--gateway-address', '127.0.0.1'],
      ...['--output-dir', `${ground.folder}/bundle`],
    ],
    remove: namespace => ['vm', 'remove', 'web', '-n', namespace],
    object: namespace => `/api/v1/namespaces/${namespace}/secrets/kubectl-mesh-vm-web`,
  },
  {
    name: 'authz',
    record: () => 'kubectl-mesh-authz-ext',
    apply: (_, namespace) => [
      'authz',
      'attach',
      'ext',
      '--service',
      'ext:9000',
      '-n',
      namespace,
      '--to',
      'workload/web',
    ],
    remove: () => ['authz', 'detach', 'ext'],
    object: namespace => `/apis/security.istio.io/v1/namespaces/${namespace}/authorizationpolicies/ext`,
  },
  {
    name: 'locality',
    record: () => 'kubectl-mesh-locality',
    apply: (_, namespace) => [
      'locality',
      'balance',
      'ext',
      '-n',
      namespace,
      '--failover-priority',
      'topology.kubernetes.io/region',
    ],
    remove: undefined,
    object: namespace => `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/ext-locality`,
  },
]

describe.skipIf(!servers)('a record that is gone', () => {
  let ground: Ground
  let api: Api
  let namespace: string
  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: ['east'], balancer: false})
    api = ground.cluster('east').api
    namespace = `lost${process.pid}x${++count}`
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await deployService(api, namespace, 'ext', {ports: [{name: 'grpc', port: 9000}]})
    const template = {metadata: {labels: {app: 'web'}}, spec: {containers: [{name: 'app', image: 'app'}]}}
    const spec = {selector: {matchLabels: {app: 'web'}}, template}
    await api.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web', namespace}, spec})
  })
  afterEach(() => ground?.close())

  const mesh = (words: string[]) => ground.mesh([...words, '--system-namespace', ground.namespace, '--yes'])

  it.each(features)('$name: a removal refuses and reports; another run lists the objects again', async each => {
    expect(await mesh(each.apply(ground, namespace))).toMatchObject({code: 0})
    const {metadata} = (await api.get<AnyObject>(each.object(namespace)))!
    const record = `/api/v1/namespaces/${ground.namespace}/configmaps/${each.record(namespace)}`
    await api.delete(record)
    ground.reset()
    if (each.remove) {
      const refused = await mesh(each.remove(namespace))
      expect(refused.code, refused.stderr).toBe(3)
      expect(refused.stderr).toContain(metadata.name)
      expect(refused.stderr).toContain('--trust-labels')
      expect(ground.writes()).toEqual([])
    }
    const again = await mesh(each.apply(ground, namespace))
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toMatch(
      /warning: \S+: ConfigMap \S+ in namespace \S+, the record of these objects, is missing\. This run lists them again:/,
    )
    expect((await api.get<AnyObject>(each.object(namespace)))!.metadata.uid).toBe(metadata.uid)
    const data = (await api.get<AnyObject & {data: {members: string}}>(record))!.data
    expect(data.members).toContain(metadata.uid)
    if (!each.remove) return
    const removed = await mesh(each.remove(namespace))
    expect(removed.code, removed.stderr).toBe(0)
    expect(removed.stderr).not.toContain('--trust-labels')
    expect(await api.get(each.object(namespace))).toBeUndefined()
  })
})

describe.skipIf(!servers)('the record of imported services that is gone', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!)
    expect(await federateGateways(ground, ['--yes'])).toMatchObject({code: 0})
  })
  afterEach(() => ground?.close())

  it('an export keeps the other imports, with their addresses, and lists all of them again', async () => {
    const namespace = `${ground.namespace}-app`
    const {api: west} = ground.cluster('west')
    const {api: east} = ground.cluster('east')
    await deployHello(west, namespace)
    await deployService(west, namespace, 'other', {selector: {app: 'hello'}, ports: [{port: 80, name: 'http'}]})
    const exported = (name: string) =>
      service(ground, ['export', name, '-n', namespace, '--contexts', 'west', '--to', 'east', '--yes'])
    expect(await exported('hello')).toMatchObject({code: 0})
    expect(await exported('other')).toMatchObject({code: 0})
    const before = await importsOf(east, ground.namespace)
    const list = () => memberLists(east, ground.namespace, 'kubectl-mesh-services')
    const {listed} = await list()
    expect(listed.length).toBeGreaterThan(1)
    await east.delete(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-services`)
    const unexport = ['unexport', 'hello', '-n', namespace, '--contexts', 'west', '--to', 'east', '--yes']
    const refused = await service(ground, unexport)
    expect(refused.code, refused.stderr).toBe(3)
    expect(refused.stderr).toContain('the record of the imports above, is missing; nothing was removed')
    const all = await service(ground, ['unexport', '--all', '--contexts', 'west', '--to', 'east', '--yes'])
    expect(all.code, all.stderr).toBe(3)
    const again = await exported('hello')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('the record of these objects, is missing. This run lists them again:')
    expect(await importsOf(east, ground.namespace)).toEqual(before)
    expect((await list()).listed).toEqual(listed)
    expect(await service(ground, unexport)).toMatchObject({code: 0})
  })
})
