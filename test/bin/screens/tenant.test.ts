import {afterEach, beforeEach, describe, expect, it} from 'vitest'
import {buildBinding, buildControlPlane, type FakeControlPlaneOptions} from '../../support/fake/control-plane.ts'
import {openScreens, type Screens} from '../../support/fake/screens.ts'
import {keys} from '../../support/pty.ts'
import type {AnyObject} from '../../support/servers/api.ts'

const core = (kind: string, metadata: object, more: object = {}) =>
  ({apiVersion: 'v1', kind, metadata, ...more}) as AnyObject

/** A control plane of `tenant add`, of which only the objects exist that the questions depend on. */
function tenantObjects(name: string): AnyObject[] {
  const options: FakeControlPlaneOptions = {
    ...{systemNamespace: name, revision: name},
    meshConfig: {discoverySelectors: [{matchLabels: {usergroup: name}}]},
  }
  const data = {tenant: name, revision: name, selector: `usergroup=${name}`, via: 'istioctl'}
  return [
    core('Namespace', {name, labels: {usergroup: name}}),
    ...buildControlPlane(options),
    buildBinding(name, name),
    core('ConfigMap', {name: 'kubectl-mesh-tenant', namespace: name}, {data}),
  ]
}

const podOf = (namespace: string) =>
  core('Pod', {name: 'web', namespace}, {spec: {containers: [{name: 'app'}]}, status: {phase: 'Running'}})

/** The record of `mesh install` for the control plane in istio-system. */
const record = core(
  'ConfigMap',
  {name: 'kubectl-mesh-control-plane', namespace: 'istio-system'},
  {data: {revision: 'default', via: 'istioctl'}},
)

describe('the questions about tenants', {timeout: 180_000}, () => {
  let screens: Screens
  const start = (...args: string[]) => screens.start(['tenant', ...args], {size: {columns: 120, rows: 40}})
  const open = async (...tenants: string[]) => {
    screens = await openScreens({
      east: {
        objects: [
          ...tenants.flatMap(tenantObjects),
          buildBinding('istio-system', 'default'),
          record,
          core('Namespace', {name: 'free'}),
          core('Namespace', {name: 'injected', labels: {'istio-injection': 'enabled'}}),
          core('Namespace', {name: 'member', labels: {usergroup: 'group-1', 'istio.io/rev': 'group-1'}}),
          core('Namespace', {name: 'moved', labels: {usergroup: 'group-2', 'istio.io/rev': 'group-2'}}),
          podOf('moved'),
        ],
      },
    })
  }
  afterEach(() => screens.close())

  describe('of a cluster with two tenants and the control plane of the mesh', () => {
    beforeEach(() => open('group-1', 'group-2'))

    it('remove does not offer the control plane of the mesh', async () => {
      const pty = start('remove')
      await pty.sees('Which tenant?')
      await pty.sees('group-2')
      expect(pty.screen()).not.toContain('istio-system')
    })

    it('assign offers tenants with a label, and shows to which tenant a namespace belongs', async () => {
      const pty = start('assign', '--force-conflicts')
      await pty.sees('Which tenant?')
      expect(pty.screen()).not.toContain('istio-system')
      pty.type(keys.enter)
      await pty.sees('Which namespaces should belong to group-1?')
      await pty.sees('submit')
      expect(pty.screen()).toMatch(/moved {3}belongs to group-2/)
      expect(pty.screen()).toMatch(/- injected labelled istio-injection=enabled/)
      expect(pty.screen()).not.toContain('member')
      pty.type(`moved${keys.space}${keys.enter}`)
      await pty.sees('Move moved to group-1?')
      expect(pty.screen()).toContain('! east: 1 pod keeps its control plane until it is restarted')
    })

    it('assign --remove offers the namespaces of the tenant', async () => {
      const pty = start('assign', '--remove')
      await pty.sees('Which tenant?')
      pty.type(keys.enter)
      await pty.sees('Which namespaces should leave group-1?')
      await pty.sees('submit')
      expect(pty.screen()).toContain('member')
      expect(pty.screen()).not.toMatch(/free|moved/)
    })
  })

  it('remove of the control plane of the mesh points to install remove', async () => {
    await open()
    const {code, stderr} = await screens.mesh(['tenant', 'remove', 'istio-system', '--yes'])
    expect(code, stderr).toBe(3)
    expect(stderr).toContain('is not a tenant')
    expect(stderr).toMatch(/^hint: {2}to remove it: kubectl mesh install remove$/m)
  })
})
