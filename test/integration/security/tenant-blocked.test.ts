import {afterAll, beforeAll, describe, expect, it} from 'vitest'
import {namespaceAdmin} from '../../support/ground/namespace-admin.ts'
import type {Api} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'
import {injectedPod, openTenantGround, type TenantGround} from '../tenant/support.ts'

describe.skipIf(!sharedServers())('a pod that an administrator of another namespace marks as one of a tenant', () => {
  let ground: TenantGround
  let mallory: Api
  beforeAll(async () => {
    ground = await openTenantGround()
    mallory = await namespaceAdmin({api: ground.api, direct: {kubeconfig: ground.kubeconfig, context: 'one'}}, 'team')
  })
  afterAll(async () => {
    mallory?.close()
    await ground?.close()
  })

  it('is named by remove, and does not block it with --force', async () => {
    expect(await ground.tenant(['add', 'a', '--no-wait', '--yes'])).toMatchObject({code: 0})
    const account = {apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'default', namespace: 'team'}}
    await mallory.apply(account)
    await mallory.create(injectedPod('team', 'mine', 'a'))
    const refused = await ground.tenant(['remove', 'a', '--yes'])
    expect(refused).toMatchObject({code: 3})
    expect(refused.stderr).toContain("pods with the tenant's sidecars still run: 1 in team")
    expect(refused.stderr).toContain('--force removes the control plane anyway')
    const forced = await ground.tenant(['remove', 'a', '--force', '--no-wait', '--yes'])
    expect(forced.code, forced.stderr).toBe(0)
    const role = '/apis/rbac.authorization.k8s.io/v1/clusterroles/kubectl-mesh-tenant-a'
    expect(await ground.api.get(role)).toBeUndefined()
  })

  it('does not block it in a namespace that is being deleted, such as by an earlier run', async () => {
    expect(await ground.tenant(['add', 'b', '--via', 'none', '--namespaces', 'going', '--yes'])).toMatchObject({
      code: 0,
    })
    await ground.api.create(injectedPod('going', 'web', 'b'))
    expect(await ground.tenant(['remove', 'b', '--yes'])).toMatchObject({code: 3})
    // The controller that deletes the pods of a namespace does not run here.
    await ground.api.delete('/api/v1/namespaces/going')
    const removed = await ground.tenant(['remove', 'b', '--no-wait', '--yes'])
    expect(removed.code, removed.stderr).toBe(0)
  })
})
