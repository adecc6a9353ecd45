import {afterAll, beforeAll, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, type GroundCluster, openGround} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('an authorizer, and objects that administrators of other namespaces create', () => {
  let ground: Ground
  let one: GroundCluster
  let mallory: Api
  let team: string
  let shop: string

  beforeAll(async () => {
    ground = await openGround(servers!, {contexts: servers!.contexts.slice(0, 1), balancer: false})
    one = ground.clusters[0]!
    team = `${ground.namespace}-a-team`
    shop = `${ground.namespace}-shop`
    mallory = await namespaceAdmin(one, team)
    await one.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: shop}})
    const ports = [{name: 'grpc', port: 9000}]
    await one.api.apply({apiVersion: 'v1', kind: 'Service', metadata: {name: 'ext', namespace: shop}, spec: {ports}})
  })
  afterAll(async () => {
    mallory?.close()
    await ground?.close()
  })
  beforeEach(() => ground.reset())

  const authz = (...args: string[]) => ground.mesh(['authz', ...args, '--system-namespace', ground.namespace, '--yes'])
  const meshText = async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/istio`
    return ((await one.api.get(path))!.data as Record<string, string>).mesh
  }
  const target = () => ['-n', shop, '-l', 'app=web']

  it('detach refuses while a policy of another namespace uses it; with --force its requests are denied', async () => {
    const attached = await authz('attach', 'foreign', '--service', 'ext:9000', ...target())
    expect(attached.code, attached.stderr).toBe(0)
    const policies = `/apis/security.istio.io/v1/namespaces/${team}/authorizationpolicies`
    await mallory.apply({
      apiVersion: 'security.istio.io/v1',
      kind: 'AuthorizationPolicy',
      metadata: {name: 'mine', namespace: team},
      spec: {action: 'CUSTOM', provider: {name: 'foreign'}, rules: [{}]},
    })
    ground.reset()
    const refused = await authz('detach', 'foreign')
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toMatch(/mine.* still uses foreign .*istiod denies every request/)
    expect(refused.stderr).toContain('add --force to detach it anyway; istiod then denies every request')
    expect(ground.writes()).toEqual([])
    const forced = await authz('detach', 'foreign', '--force')
    expect(forced.code, forced.stderr).toBe(0)
    expect(forced.stderr).toMatch(/^warning: .*mine.* still uses foreign .*istiod denies every request/m)
    expect(await meshText()).not.toContain('foreign')
    expect(await mallory.get(`${policies}/mine`)).toBeDefined()
    await mallory.delete(`${policies}/mine`)
  })

  it('attach takes no host that only a ServiceEntry of another namespace defines, unless it is named', async () => {
    const host = 'authz.example.com'
    await mallory.apply({
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: {name: 'mine', namespace: team},
      spec: {hosts: [host], ports: [{number: 443, name: 'grpc', protocol: 'GRPC'}], resolution: 'DNS'},
    })
    ground.reset()
    const refused = await authz('attach', 'other', '--service', `${host}:443`, ...target())
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain(`only ServiceEntry mine in namespace ${team} defines ${host}`)
    expect(ground.writes()).toEqual([])
    const named = await authz('attach', 'other', '--service', `${team}/${host}:443`, ...target())
    expect(named.code, named.stderr).toBe(0)
    expect((await authz('detach', 'other')).code).toBe(0)
  })

  it('attach takes no gateway of a namespace that the command does not name', async () => {
    const ports = [{name: 'http', port: 80}]
    // Other tests on these servers may create a gateway with a common name.
    const name = `gateway-${team}`
    const metadata = {name, namespace: team}
    await mallory.apply({apiVersion: 'v1', kind: 'Service', metadata, spec: {ports, selector: {app: 'mine'}}})
    ground.reset()
    const args = ['--service', `ext.${shop}.svc:9000`, '--to', `gateway/${name}`]
    const refused = await authz('attach', 'third', ...args, '-n', shop)
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain(`namespace ${team} has one; to use it: -n ${team}`)
    expect(ground.writes()).toEqual([])
    const named = await authz('attach', 'third', ...args, '-n', team)
    expect(named.code, named.stderr).toBe(0)
    expect((await authz('detach', 'third')).code).toBe(0)
  })
})
