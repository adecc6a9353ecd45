import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {editMembers, memberLists} from '../../support/ground/members.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injector, makeNode} from '../ingress/support.ts'
import {deployHello, deployService, federateGateways, importsOf, service} from '../service/support.ts'
import {features} from './lost-features.ts'

const servers = sharedServers()
let count = 0

describe.skipIf(!servers)('a record that is gone', () => {
  let ground: Ground
  let api: Api
  let namespace: string
  const injectors = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations'
  beforeEach(async () => {
    ground = await openGround(servers!, {contexts: ['east'], balancer: false})
    api = ground.cluster('east').api
    namespace = `lost${process.pid}x${++count}`
    const own = injector()
    await api.create({...own, metadata: {...own.metadata, name: `injector-${namespace}`}})
    await makeNode(api, `node-${namespace}`)
    await api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await deployService(api, namespace, 'ext', {ports: [{name: 'grpc', port: 9000}]})
    const template = {metadata: {labels: {app: 'web'}}, spec: {containers: [{name: 'app', image: 'app'}]}}
    const spec = {selector: {matchLabels: {app: 'web'}}, template}
    await api.apply({apiVersion: 'apps/v1', kind: 'Deployment', metadata: {name: 'web', namespace}, spec})
  })
  afterEach(async () => {
    await api?.delete(`${injectors}/injector-${namespace}`)
    await api?.delete(`/api/v1/nodes/node-${namespace}`)
    await ground?.close()
  })

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

  const several = features.filter(({name}) => name !== 'authz')

  // An authorizer has one object.
  it.each(several)('$name: a list that lacks one object is not extended; it is reported, and stays', async each => {
    expect(await mesh(each.apply(ground, namespace))).toMatchObject({code: 0})
    const {uid, name} = (await api.get<AnyObject>(each.object(namespace)))!.metadata as {uid: string; name: string}
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/${each.record(namespace)}`
    const members = await editMembers(api, path, line => !line.endsWith(uid))
    const isThere = async () => expect((await api.get<AnyObject>(each.object(namespace)))!.metadata.uid).toBe(uid)
    // It counts as one of another owner, which some features refuse to use.
    const again = await mesh(each.apply(ground, namespace))
    expect([0, 3], again.stderr).toContain(again.code)
    expect(again.stderr).toContain(name)
    expect((await api.get<AnyObject & {data: {members: string}}>(path))!.data.members).toBe(members)
    await isThere()
    if (!each.remove) return
    const removed = await mesh(each.remove(namespace))
    expect([0, 3], removed.stderr).toContain(removed.code)
    expect(removed.stderr).toContain('They are left alone:')
    expect(removed.stderr).toContain('--trust-labels removes them too')
    await isThere()
    const trusted = await mesh([...each.remove(namespace), '--trust-labels'])
    expect(trusted.code, trusted.stderr).toBe(0)
    expect(await api.get(each.object(namespace))).toBeUndefined()
  })

  it.each(features)('$name: an empty list is completed by the next run', async each => {
    expect(await mesh(each.apply(ground, namespace))).toMatchObject({code: 0})
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/${each.record(namespace)}`
    const before = (await api.get<AnyObject & {data: {members: string}}>(path))!.data
    await editMembers(api, path, () => false)
    const again = await mesh(each.apply(ground, namespace))
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('the record of these objects, lists none of them. This run lists them again:')
    expect((await api.get<AnyObject & {data: object}>(path))!.data).toEqual(before)
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
