import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {memberLists} from '../../support/ground/members.ts'
import {removalOf} from '../../support/ground/removal.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {federateGateways} from '../service/support.ts'

const servers = sharedServers()

describe.skipIf(!servers)('a federation whose records are gone', () => {
  let ground: Ground
  beforeEach(async () => {
    ground = await openGround(servers!)
  })
  afterEach(() => ground?.close())

  const inNamespace = (plural: string) => `/api/v1/namespaces/${ground.namespace}/${plural}`
  const recordPath = () => inNamespace('configmaps/kubectl-mesh-federation')
  const loseRecords = async () => {
    for (const {api} of ground.clusters) await api.delete(recordPath())
    ground.reset()
  }
  const hostsIn = async (cluster: string) => {
    const path = `/apis/networking.istio.io/v1/namespaces/${ground.namespace}/gateways/cross-network-gateway`
    const gateway = await ground.cluster(cluster).api.get<AnyObject & {spec: {servers: {hosts: string[]}[]}}>(path)
    return gateway!.spec.servers[0]!.hosts
  }
  const remoteSecrets = () =>
    Promise.all(
      [
        ['east', 'west'],
        ['west', 'east'],
      ].map(async ([holder, target]) => {
        const {api} = ground.cluster(holder!)
        return (await api.get<AnyObject & {data: object}>(inNamespace(`secrets/istio-remote-secret-${target}`)))!.data
      }),
    )
  const settingsIn = async (cluster: string) => {
    const record = await ground.cluster(cluster).api.get<AnyObject & {data: Record<string, string>}>(recordPath())
    return JSON.parse(record!.data.settings!)
  }

  it('keeps what its objects show: exposure, gateway, address and lifetime of credentials', async () => {
    const gateway = ['--gateway', 'east=source-range=198.51.100.0/24', '--gateway-service-type', 'LoadBalancer']
    const flags = ['--expose', 'trade/*', '--credential-duration', '48h', ...gateway]
    expect((await ground.federate([...flags, '--yes'])).code).toBe(0)
    const [hosts, secrets] = [await hostsIn('east'), await remoteSecrets()]
    await loseRecords()
    // Without --server: the addresses are those in the remote Secrets.
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stderr} = await ground.mesh(['federate', ...where, '--yes'])
    expect(code, stderr).toBe(0)
    expect(stderr).toMatch(/^warning: east: the record of the federation is missing, but its objects exist/m)
    expect(await hostsIn('east')).toEqual(hosts)
    expect(await hostsIn('west')).toEqual(hosts)
    expect(await remoteSecrets()).toEqual(secrets)
    const record = '/configmaps/kubectl-mesh-federation?'
    expect(ground.writes().filter(({url}) => !url.includes(record))).toEqual([])
    expect(await settingsIn('east')).toEqual({
      expose: hosts,
      credentialDuration: '48h',
      gateway: ['east=source-range=198.51.100.0/24'],
      server: {east: 'https://east.test:6443'},
    })
    const wider = await ground.mesh(['federate', ...where, '--reset', 'expose', '--yes'])
    expect(wider.stderr).toMatch(/all Services become reachable from the other clusters, instead of \*\.trade/)
  })

  it('one of two records: equal exposure is no difference, and the objects are listed again', async () => {
    const flags = ['--expose', 'trade/*']
    expect((await ground.federate([...flags, '--yes'])).code).toBe(0)
    const before = await memberLists(ground.cluster('east').api, ground.namespace, 'kubectl-mesh-federation')
    await ground.cluster('east').api.delete(recordPath())
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stderr} = await ground.mesh(['federate', ...where, '--yes'])
    expect(code, stderr).toBe(0)
    expect(await settingsIn('east')).toMatchObject({expose: ['trade/*']})
    expect(await settingsIn('west')).toMatchObject({expose: ['trade/*']})
    const after = await memberLists(ground.cluster('east').api, ground.namespace, 'kubectl-mesh-federation')
    expect(after.listed).toEqual(before.listed)
    expect(after.listed).toEqual(after.live)
    // The removal then needs no --trust-labels.
    const removed = await ground.mesh([...removalOf(ground, 'east', 'west'), '--yes'])
    expect(removed.code, removed.stderr).toBe(0)
    expect(removed.stderr).not.toContain('--trust-labels')
    expect(
      await ground.cluster('east').api.get(inNamespace('serviceaccounts/istio-reader-service-account')),
    ).toBeUndefined()
  })

  it('the record of a staying cluster: its token for the one that leaves is reported', async () => {
    expect((await ground.federate(['--yes'])).code).toBe(0)
    await ground.cluster('west').api.delete(recordPath())
    const args = ['federate', 'remove', '--contexts', 'east', '--from', 'west', '--system-namespace', ground.namespace]
    const {code, stderr} = await ground.mesh([...args, '--yes'])
    expect(code, stderr).toBe(5)
    expect(stderr).toContain('warning: west: the record of the federation is missing, so the tokens of east stay valid')
  })

  it('remove does not report that the cluster has left: its objects stay, until --trust-labels', async () => {
    expect((await ground.federate(['--yes'])).code).toBe(0)
    await loseRecords()
    const args = ['federate', 'remove', '--contexts', 'east', '--from', 'west', '--system-namespace', ground.namespace]
    const first = await ground.mesh([...args, '--yes'])
    expect(first.code, first.stderr).toBe(5)
    expect(first.stderr).toContain('warning: east: the record of the federation is missing, so its objects stay')
    const account = inNamespace('serviceaccounts/istio-reader-service-account')
    expect(await ground.cluster('east').api.get(account)).toBeDefined()
    const second = await ground.mesh([...args, '--trust-labels', '--yes'])
    expect(second.code, second.stderr).toBe(0)
    expect(await ground.cluster('east').api.get(account)).toBeUndefined()
  })

  it('stays in gateways mode', async () => {
    expect((await federateGateways(ground, ['--expose', 'trade/*', '--yes'])).code).toBe(0)
    const hosts = await hostsIn('east')
    await loseRecords()
    const where = ['--contexts', 'east,west', '--system-namespace', ground.namespace]
    const {code, stderr} = await ground.mesh(['federate', ...where, '--yes'])
    expect(code, stderr).toBe(0)
    expect(await hostsIn('east')).toEqual(hosts)
    expect(await settingsIn('east')).toMatchObject({mode: 'gateways'})
    expect(await ground.cluster('east').api.get(inNamespace('secrets/istio-remote-secret-west'))).toBeUndefined()
  })
})
