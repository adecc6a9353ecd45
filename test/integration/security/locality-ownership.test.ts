import {writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {applySetId, partOfLabel} from '../../../src/engine/kubernetes/applyset.ts'
import {localityApplySet} from '../../../src/features/locality/balance/objects.ts'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {forgetMembers} from '../../support/ground/members.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import {createUser, killUntilDone} from '../../support/ground/users.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('locality settings in namespaces that others administer', () => {
  let ground: Ground
  let one: GroundCluster
  let team: Api
  let namespace: string
  let [sz, bj] = ['', '']

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), balancer: false})
    one = ground.clusters[0]!
    namespace = `${ground.namespace}-team`
    team = await namespaceAdmin(one, namespace)
    ;[sz, bj] = [`sz-${ground.namespace}`, `bj-${ground.namespace}`]
    for (const region of [sz, bj])
      await one.api.apply({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: {name: region, labels: {'topology.kubernetes.io/region': region}},
      })
    for (const name of ['web', 'db', 'old'])
      await team.apply({apiVersion: 'v1', kind: 'Service', metadata: {name, namespace}, spec: {ports: [{port: 80}]}})
  })
  afterAll(async () => {
    for (const region of [sz, bj]) await one?.api.delete(`/api/v1/nodes/${region}`)
    team?.close()
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  const words = (...args: string[]) => [
    ...['locality', 'balance', '-n', namespace, '--system-namespace', ground.namespace],
    ...[...args, '--yes'],
  ]
  const balance = (...args: string[]) => ground.mesh(words(...args))
  const rule = (name: string) =>
    one.api.get<AnyObject & {spec: {trafficPolicy: {loadBalancer: {localityLbSetting: object}}}}>(
      `/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/${name}`,
    )
  const settingOf = async (name: string) => (await rule(name))!.spec.trafficPolicy.loadBalancer.localityLbSetting
  const map = async (name: string) =>
    (
      await one.api.get<AnyObject & {data: Record<string, string>}>(
        `/api/v1/namespaces/${ground.namespace}/configmaps/${name}`,
      )
    )?.data

  it('a rule with a copied label stays that of its owner, and is reported', async () => {
    const set = localityApplySet({systemNamespace: ground.namespace, revision: undefined})
    await team.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'DestinationRule',
      metadata: {name: 'theirs', namespace, labels: {[partOfLabel]: applySetId(set)}},
      spec: {host: 'db', trafficPolicy: {outlierDetection: {consecutive5xxErrors: 1}}},
    })
    const {code, stderr} = await balance('db', '--failover', `${sz}=${bj}`)
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('its record does not list them')
    expect(await rule('db-locality')).toBeUndefined()
    expect((await rule('theirs'))!.spec.trafficPolicy).toEqual({
      outlierDetection: {consecutive5xxErrors: 1},
      loadBalancer: {localityLbSetting: {enabled: true, failover: [{from: sz, to: bj}]}},
    })
    expect((await map('kubectl-mesh-locality'))!.members ?? '').not.toContain('theirs')
  })

  it('keeps the settings of a host, until they are reset or replaced', async () => {
    const failover = {enabled: true, failover: [{from: sz, to: bj}]}
    expect(await balance('web', '--failover', `${sz}=${bj}`)).toMatchObject({code: 0})
    ground.reset()
    expect(await balance('web')).toMatchObject({code: 0})
    expect(ground.writes()).toEqual([])
    expect(await settingOf('web-locality')).toEqual(failover)
    expect(await balance('web', '--failover-priority', 'version=v2')).toMatchObject({code: 0})
    expect(await settingOf('web-locality')).toEqual({...failover, failoverPriority: ['version=v2']})
    expect(await balance('web', '--distribute', `${sz}=${sz}:60,${bj}:40`)).toMatchObject({code: 0})
    expect(await settingOf('web-locality')).toEqual({
      enabled: true,
      distribute: [{from: sz, to: {[sz]: 60, [bj]: 40}}],
    })
    expect(await balance('web', '--reset', 'distribute')).toMatchObject({code: 0})
    expect(await settingOf('web-locality')).toEqual({enabled: true})
    expect(await balance('web', '--failover', `${sz}=${bj}`)).toMatchObject({code: 0})
    const file = join(ground.folder, 'web.yaml')
    await writeFile(file, 'apiVersion: kubectl-mesh.io/v1alpha1\nkind: LocalityBalance\nspec: {}\n')
    expect(await balance('web', '-f', file)).toMatchObject({code: 0})
    expect(await settingOf('web-locality')).toEqual({enabled: true})
  })

  it('--mesh-wide adds to the setting of the mesh config', async () => {
    expect(await balance('--mesh-wide', 'on', '--failover', `${sz}=${bj}`)).toMatchObject({code: 0})
    expect(await balance('--mesh-wide', 'on', '--failover-priority', 'version=v2')).toMatchObject({code: 0})
    const {mesh} = (await map('istio'))!
    expect(mesh).toContain(`- from: ${sz}`)
    expect(mesh).toContain('- version=v2')
  })

  it('a label run keeps the parts that it does not set', async () => {
    const label = (...args: string[]) => ground.mesh(['locality', 'label', sz, ...args, '--yes'])
    expect(await label('--region', sz, '--zone', 'z1')).toMatchObject({code: 0})
    expect(await label('--region', sz)).toMatchObject({code: 0})
    const labels = (await one.api.get(`/api/v1/nodes/${sz}`))!.metadata.labels
    expect(labels).toMatchObject({'topology.kubernetes.io/region': sz, 'topology.kubernetes.io/zone': 'z1'})
  })

  it('a user who may not delete can balance; a reader changes nothing', async () => {
    const patcher = await createUser(one, ground.namespace, 'patcher')
    expect(await balance('web', '--as', patcher)).toMatchObject({code: 0})
    const reader = await createUser(one, ground.namespace, 'reader')
    const before = await map('kubectl-mesh-locality-settings')
    const refused = await balance('web', '--failover', `${bj}=${sz}`, '--as', reader)
    expect(refused.code).toBe(3)
    expect(refused.stderr).not.toContain('unexpected')
    expect(await map('kubectl-mesh-locality-settings')).toEqual(before)
    expect(await settingOf('web-locality')).toEqual({enabled: true})
  })

  it('version 0.1.0: the next run adds the rule to the record', async () => {
    expect(await balance('old')).toMatchObject({code: 0})
    await forgetMembers(one.api, ground.namespace, 'kubectl-mesh-locality')
    const again = await balance('old')
    expect(again.code, again.stderr).toBe(0)
    expect(again.stderr).toContain('kubectl-mesh 0.1.0 created these objects')
    expect((await map('kubectl-mesh-locality'))!.members).toContain(String((await rule('old-locality'))!.metadata.uid))
  })

  it('killed after each write: the next run converges, with a complete record', async () => {
    for (const name of ['kubectl-mesh-locality', 'kubectl-mesh-locality-settings'])
      await one.api.delete(`/api/v1/namespaces/${ground.namespace}/configmaps/${name}`)
    await one.api.delete(`/apis/networking.istio.io/v1/namespaces/${namespace}/destinationrules/web-locality`)
    expect(await killUntilDone(ground, words('web', '--failover', `${sz}=${bj}`))).toBeGreaterThan(2)
    const {members} = (await map('kubectl-mesh-locality'))!
    expect(members).toContain(`web-locality ${(await rule('web-locality'))!.metadata.uid}\n`)
    expect(members).not.toMatch(/ -$/m)
    expect(await map('kubectl-mesh-locality-settings')).toEqual({
      [`web.${namespace}.svc.cluster.local`]: JSON.stringify({failover: {[sz]: bj}}),
    })
  })
})
