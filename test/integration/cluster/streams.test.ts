import {beforeAll, describe, expect, it} from 'vitest'
import {type ConnectOptions, connectCluster} from '../../../src/engine/cluster/connect.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()
const pod = {namespace: 'streams', name: 'none'}

/** Returns the errors of exec and port-forward for a pod that does not exist: 403, or 404 with the permissions. */
async function errorsOf(kubeconfig: Kubeconfig, options: Partial<ConnectOptions> = {}): Promise<string[]> {
  const cluster = await connectCluster(kubeconfig, 'east', {fieldManager: 'test', ...options})
  const errors = await Promise.allSettled([cluster.pods.exec(pod, 'c', ['id']), cluster.pods.read(pod, 80, '/')])
  cluster.close()
  return errors.map(result => (result.status === 'rejected' ? String(result.reason.message) : 'no error'))
}

describe.skipIf(!servers)('port-forward and exec with impersonation', () => {
  const load = () => loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
  beforeAll(async () => {
    const east = await connectCluster(load(), 'east', {fieldManager: 'test'})
    const rbac = 'rbac.authorization.k8s.io'
    const name = 'streams-operators'
    await east.apply({apiVersion: 'v1', kind: 'Namespace', metadata: {name: pod.namespace}})
    await east.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'Role',
      metadata: {namespace: pod.namespace, name},
      rules: [{apiGroups: [''], resources: ['pods/exec', 'pods/portforward'], verbs: ['create', 'get']}],
    })
    await east.apply({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: {namespace: pod.namespace, name},
      roleRef: {apiGroup: rbac, kind: 'Role', name},
      subjects: [{apiGroup: rbac, kind: 'Group', name: 'operators'}],
    })
    east.close()
  })

  it('have no permissions that we set as another user', async () => {
    expect(await errorsOf(load())).toEqual([expect.stringMatching(/404/), expect.stringMatching(/404/)])
    expect(await errorsOf(load(), {as: 'streams-user'})).toEqual([
      expect.stringMatching(/403/),
      expect.stringMatching(/403/),
    ])
  })

  it('have the permissions of the groups of the flags', async () => {
    const errors = () => errorsOf(load(), {as: 'streams-user', asGroups: ['guests', 'operators']})
    // The API server learns of a new Role a moment after it is written.
    await expect.poll(errors, {timeout: 30_000}).toEqual([expect.stringMatching(/404/), expect.stringMatching(/404/)])
  })

  it('have the permissions of the groups of the kubeconfig', async () => {
    const kubeconfig = load()
    Object.assign(kubeconfig.users.get('east')!.value, {
      as: 'streams-user',
      asUid: 'uid-1',
      asGroups: ['operators'],
      asUserExtra: {'example.test/a(b)': ['1']},
    })
    expect(await errorsOf(kubeconfig)).toEqual([expect.stringMatching(/404/), expect.stringMatching(/404/)])
  })
})
