import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {home, programWords} from '../../support/ground/program.ts'
import {keys, startPty} from '../../support/pty.ts'
import type {AnyObject} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {openTenantGround, type TenantGround} from '../tenant/support.ts'

const rbac = '/apis/rbac.authorization.k8s.io/v1'

describe.skipIf(!sharedServers())('the removal of a tenant', () => {
  let ground: TenantGround
  beforeAll(async () => {
    ground = await openTenantGround()
  })
  afterAll(() => ground?.close())

  const role = (name: string) => ground.api.get(`${rbac}/clusterroles/${name}`)
  const isEnded = async (name: string) =>
    (await ground.api.get(`/api/v1/namespaces/${name}`))!.metadata.deletionTimestamp !== undefined

  it('after version 0.1.0: removes nothing that it cannot prove, until a run of add has listed it', async () => {
    expect(await ground.tenant(['add', 'old', '--no-wait', '--yes'])).toMatchObject({code: 0})
    const path = '/api/v1/namespaces/old/configmaps/kubectl-mesh-tenant'
    const record = (await ground.api.get<AnyObject & {metadata: {annotations: Record<string, string>}}>(path))!
    const annotations = Object.fromEntries(
      Object.entries(record.metadata.annotations).filter(([key]) => key.startsWith('applyset.kubernetes.io/')),
    )
    const data = {tenant: 'old', revision: 'old', selector: 'usergroup=old', via: 'istioctl'}
    await ground.api.replace({...record, metadata: {...record.metadata, annotations}, data}, 'kubectl-mesh')
    await ground.api.delete(`${rbac}/clusterroles/kubectl-mesh-tenant-old`)

    const before = await ground.snapshot()
    const refused = await ground.tenant(['remove', 'old', '--yes'])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toContain('kubectl-mesh 0.1.0 created the record, which does not list its objects')
    expect(await ground.snapshot()).toEqual(before)

    expect(await ground.tenant(['add', 'old', '--no-wait', '--yes'])).toMatchObject({code: 0})
    expect(await role('istiod-clusterrole-old-old')).toBeDefined()
    expect(await ground.tenant(['remove', 'old', '--no-wait', '--yes'])).toMatchObject({code: 0})
    for (const name of ['istiod-clusterrole-old-old', 'kubectl-mesh-tenant-old'])
      expect(await role(name)).toBeUndefined()
  })

  it('leaves a control plane of another tool in place', async () => {
    await ground.api.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'other'}})
    const labels = {app: 'istiod', 'istio.io/rev': 'other'}
    const env = [{name: 'REVISION', value: 'other'}]
    await ground.api.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {name: 'istiod-other', namespace: 'other', labels},
      spec: {
        selector: {matchLabels: {app: 'istiod'}},
        template: {metadata: {labels}, spec: {containers: [{name: 'discovery', image: 'x', env}]}},
      },
    })
    await ground.api.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: {name: 'istiod-clusterrole-other-other'},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view'},
      subjects: [{kind: 'ServiceAccount', name: 'istiod-other', namespace: 'other'}],
    })
    const before = await ground.snapshot()
    const refused = await ground.tenant(['remove', 'other', '--yes'])
    expect(refused).toMatchObject({code: 3, stdout: ''})
    expect(refused.stderr).toContain('other: kubectl-mesh has no record of this control plane')
    expect(await ground.tenant(['add', 'other', '--via', 'none', '--yes'])).toMatchObject({code: 0})
    const removed = await ground.tenant(['remove', 'other', '--yes'])
    expect(removed).toMatchObject({code: 0})
    expect(removed.stderr).toContain('kubectl-mesh did not install the control plane of other; it stays')
    expect(await ground.snapshot()).toEqual(before)
  })

  it('on a terminal, deletes a namespace with other content only if its name is typed', async () => {
    const added = ['add', 'ask', '--via', 'none', '--namespaces', 'kept,typed', '--yes']
    expect(await ground.tenant(added)).toMatchObject({code: 0})
    for (const namespace of ['kept', 'typed'])
      await ground.api.create({apiVersion: 'v1', kind: 'LimitRange', metadata: {name: 'theirs', namespace}})
    const args = [...programWords, 'tenant', 'remove', 'ask', '--delete-namespaces', '--no-wait']
    const pty = startPty(args, {env: {KUBECONFIG: ground.kubeconfig, HOME: home}})
    try {
      await pty.sees(/Namespace kept contains 1 object that kubectl-mesh did not create: limitrange\/theirs/)
      pty.type(keys.enter)
      await pty.sees('Type typed to delete all of it')
      pty.type(`typed${keys.enter}`)
      await pty.sees('Type ask to continue')
      pty.type(`ask${keys.enter}`)
      expect(await pty.ended).toBe(0)
    } finally {
      pty.kill()
    }
    expect(pty.screen()).toContain('namespace kept stays, because it contains 1 object')
    for (const [name, ended] of Object.entries({kept: false, typed: true, ask: true}))
      expect([name, await isEnded(name)]).toEqual([name, ended])
  })
})
