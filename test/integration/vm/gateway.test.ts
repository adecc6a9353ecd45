import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {type Ground, openGround} from '../../support/ground/ground.ts'
import {comparable, readAll} from '../../support/ground/objects.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {type RunningServers, startServers} from '../../support/servers/servers.ts'
import {sharedServers} from '../../support/servers/shared.ts'

// The shared servers have VMs of other tests, which would use the gateway too.
describe.skipIf(!sharedServers())('vm register --gateway on a real API server', () => {
  let own: RunningServers
  let ground: Ground
  let before: unknown
  beforeAll(async () => {
    own = await startServers(['east'])
    ground = await openGround(own, {contexts: ['east'], controlPlane: () => ({network: undefined})})
    await ground.clusters[0]!.api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'vms'}})
    before = await snapshot()
  })
  afterAll(async () => {
    await ground?.close()
    await own?.stop()
  })

  /** Everything but the managers of fields: that of an edit stays, without fields. */
  const snapshot = async () => {
    const all = comparable(await readAll(ground.clusters[0]!.api, ground.namespace), ground.namespace)
    return JSON.parse(JSON.stringify(all, (key, value: unknown) => (key === 'owners' ? undefined : value)))
  }
  const vm = (verb: string, name: string, ...args: string[]) =>
    ground.mesh(['vm', verb, name, '-n', 'vms', '--system-namespace', ground.namespace, ...args])
  const register = (name: string, ...args: string[]) =>
    vm('register', name, '--service-account', name, '--output-dir', `${ground.folder}/${name}`, ...args)
  const systemObject = (path: string) => {
    const [api, kind] = path.includes('/')
      ? [`/apis/${path.slice(0, path.lastIndexOf('/'))}`, path.slice(path.lastIndexOf('/') + 1)]
      : ['/api/v1', path]
    return (name: string) =>
      ground.clusters[0]!.api.get<AnyObject>(`${api}/namespaces/${ground.namespace}/${kind}/${name}`)
  }

  it('without it, the error names the flag, and nothing is written', async () => {
    const {code, stderr} = await register('web', '--yes')
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('hint:  --gateway creates one\n')})
    expect(ground.writes()).toEqual([])
  })

  it('creates the gateway and what it exposes, and writes its address into the files', async () => {
    const {code, stdout, stderr} = await register('web', '--gateway', '--network', 'far', '--yes')
    expect({code, stderr}).toMatchObject({code: 0})
    expect(stdout).toContain('deployment.apps/istio-eastwestgateway serverside-applied (east)')
    expect(stdout).toContain('gateway.networking.istio.io/cross-network-gateway serverside-applied (east)')
    expect(readFileSync(`${ground.folder}/web/hosts`, 'utf8')).toContain('203.0.113.1')
    const labels = (await ground.clusters[0]!.api.get<AnyObject>(`/api/v1/namespaces/${ground.namespace}`))!.metadata
      .labels
    expect(labels).toMatchObject({'topology.istio.io/network': 'east'})
  })

  it('a second run, with and without the flag, changes nothing', async () => {
    ground.reset()
    for (const flags of [['--gateway'], []]) {
      const {code, stderr} = await register('web', ...flags)
      expect({code, stderr}).toMatchObject({code: 0})
    }
    expect(ground.writes()).toEqual([])
  })

  it('the gateway stays while another VM uses it', async () => {
    expect(await register('db', '--host', 'db.example.test', '--port', 'tcp:5432', '--yes')).toMatchObject({code: 0})
    const {code, stderr} = await vm('remove', 'web', '--yes')
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('istiod stays exposed, which workloadgroup.networking.istio.io/db uses\n')
    expect(await systemObject('apps/v1/deployments')('istio-eastwestgateway')).toBeDefined()
  })

  it('the removal of the last VM restores the cluster object by object', async () => {
    const {code, stdout, stderr} = await vm('remove', 'db', '--yes', '-o', 'name')
    expect(code, stderr).toBe(0)
    expect(stdout).toContain('deployment.apps/istio-eastwestgateway\n')
    expect(stderr).toContain('what VMs share was removed too: it was the last VM\n')
    expect(await snapshot()).toEqual(before)
  })

  it('a removal that was killed before it removed what VMs share is completed by the next one', async () => {
    expect(await register('web', '--gateway', '--yes')).toMatchObject({code: 0})
    const {api} = ground.clusters[0]!
    await api.delete('/apis/networking.istio.io/v1/namespaces/vms/workloadgroups/web')
    for (const path of ['secrets/kubectl-mesh-vm-web', 'serviceaccounts/web'])
      await api.delete(`/api/v1/namespaces/vms/${path}`)
    await api.delete(`/api/v1/namespaces/${ground.namespace}/configmaps/kubectl-mesh-vm-vms-web`)
    expect(await snapshot()).not.toEqual(before)
    const {code, stderr} = await vm('remove', 'web', '--yes')
    expect(code, stderr).toBe(0)
    expect(await snapshot()).toEqual(before)
  })

  it('an object of another owner with the name of the gateway is refused before the first write', async () => {
    const metadata = {name: 'istio-eastwestgateway', namespace: ground.namespace}
    await ground.clusters[0]!.api.apply({apiVersion: 'v1', kind: 'Service', metadata, spec: {ports: [{port: 80}]}})
    ground.reset()
    const {code, stderr} = await register('web', '--gateway', '--yes')
    expect({code, stderr}).toMatchObject({code: 3, stderr: expect.stringContaining('has another owner')})
    expect(ground.writes()).toEqual([])
  })
})
