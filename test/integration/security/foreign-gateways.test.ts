import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {AnyObject, Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {deployHello, federateGateways, importsOf, service} from '../service/support.ts'

const servers = sharedServers()
const theirs = '198.51.100.66'
const ours = '203.0.113.2'

describe.skipIf(!servers)('a gateway of another namespace that exists before the first federate', () => {
  let ground: Ground
  let team: string
  let admin: Api
  const api = () => ground.cluster('west').api
  const ourGateway = () => api().get(`/api/v1/namespaces/${ground.namespace}/services/istio-eastwestgateway`)
  const addressInRecord = async () => {
    const path = `/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-federation`
    return (await api().get<AnyObject & {data: Record<string, string>}>(path))!.data.gateway
  }
  const exportedAddresses = async () => {
    await deployHello(api(), `${ground.namespace}-shop`)
    const where = ['-n', `${ground.namespace}-shop`, '--contexts', 'west', '--to', 'east', '--yes']
    const {code, stderr} = await service(ground, ['export', 'hello', ...where])
    expect(code, stderr).toBe(0)
    const imports = await importsOf(ground.cluster('east').api, ground.namespace)
    const {endpoints} = imports[`entry hello.${ground.namespace}-shop.global`]!.spec
    return {addresses: endpoints!.map(({address}) => address), stderr}
  }

  beforeEach(async () => {
    ground = await openGround(servers!)
    team = `a-${ground.namespace}`
    admin = await namespaceAdmin(ground.cluster('west'), team)
    await admin.create({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: {name: 'gw', namespace: team, labels: {'topology.istio.io/network': `west.${ground.namespace}`}},
      spec: {ports: [{name: 'tls', port: 15443}], externalIPs: [theirs]},
    } as AnyObject)
  })
  afterEach(async () => {
    await admin?.delete(`/api/v1/namespaces/${team}/services/gw`)
    admin?.close()
    await ground?.close()
  })

  it('does not prevent ours, is reported, and redirects no export', async () => {
    const {code, stderr} = await federateGateways(ground, ['--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain(`Service gw in namespace ${team} is labelled as a gateway of network`)
    expect(stderr).toContain(`--gateway west=existing=${team}/gw`)
    expect(await ourGateway()).toBeDefined()
    expect(await addressInRecord()).toBe(ours)
    const exported = await exportedAddresses()
    expect(exported.addresses).toEqual([ours])
    expect(exported.stderr).toContain(`Service gw in namespace ${team} is labelled as a gateway`)
  })

  it('replaces ours if it is named, also for later runs and exports', async () => {
    const {code, stderr} = await federateGateways(ground, ['--gateway', `west=existing=${team}/gw`, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr).not.toContain('is labelled as a gateway')
    expect(await ourGateway()).toBeUndefined()
    expect(await addressInRecord()).toBe(theirs)
    expect((await exportedAddresses()).addresses).toEqual([theirs])
    ground.reset()
    const again = await federateGateways(ground, ['--yes'])
    expect(again.code, again.stderr).toBe(0)
    expect(ground.writes()).toEqual([])
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const status = await ground.mesh(['federate', 'status', ...where])
    expect(status.stdout).toMatch(new RegExp(`^west .*${theirs}`, 'm'))
  })

  it('is an error if it is named and does not exist', async () => {
    const {code, stderr} = await federateGateways(ground, ['--gateway', `west=existing=${team}/other`, '--yes'])
    expect(code).toBe(3)
    expect(stderr).toContain(`${team}/other is no gateway of network`)
    expect(ground.writes()).toEqual([])
  })
})
