import {expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {ApiError} from '../../../src/engine/cluster/errors.ts'
import {checkAccountRights, checkRights} from '../../../src/engine/cluster/rights/rights.ts'
import {requestToken, reviewToken} from '../../../src/engine/cluster/tokens.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {describeServer, fieldManager, namespace, servers, userInfoOf} from './connections.ts'

describeServer('rights', connections => {
  it('checks the rights of the current user and of an account', async () => {
    const {kubeconfig, east} = connections
    const rights = [
      {verb: 'get', group: '', resource: 'secrets', namespace},
      {verb: 'create', group: '', resource: 'serviceaccounts/token', namespace},
      {verb: 'patch', group: 'networking.istio.io', resource: 'gateways'},
    ]
    expect(await checkRights(east, rights)).toEqual([])
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'without-permissions'})
    expect(await checkRights(jane, rights)).toEqual(rights)
    jane.close()
    await east.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: {namespace, name: 'reader'},
      rules: [{apiGroups: [''], resources: ['secrets'], verbs: ['get']}],
    })
    await east.apply({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: {namespace, name: 'reader'},
      roleRef: {apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader'},
      // Through a group of the account's namespace.
      subjects: [{kind: 'Group', name: `system:serviceaccounts:${namespace}`, apiGroup: 'rbac.authorization.k8s.io'}],
    })
    const account = `system:serviceaccount:${namespace}:reader`
    await expect.poll(() => checkAccountRights(east, account, rights), {timeout: 30_000}).toEqual(rights.slice(1))
    expect(await checkAccountRights(east, 'system:serviceaccount:default:reader', rights)).toEqual(rights)
  })

  it('impersonates a user and groups', async () => {
    const {kubeconfig} = connections
    const jane = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'jane', asGroups: ['dev', 'ops']})
    const user = await userInfoOf(jane)
    jane.close()
    expect(user).toMatchObject({username: 'jane', groups: expect.arrayContaining(['dev', 'ops'])})
    const masters = await connectCluster(kubeconfig, 'east', {fieldManager, as: 'x', asGroups: ['system:masters']})
    expect(await masters.list({apiVersion: 'v1', kind: 'Namespace'})).not.toEqual([])
    masters.close()
  })
})

describeServer('tokens', connections => {
  it('requests a bound token that is valid until its Secret is deleted', async () => {
    const {east} = connections
    await east.apply({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {namespace, name: 'reader'}})
    const secret = await east.apply({apiVersion: 'v1', kind: 'Secret', metadata: {namespace, name: 'bound'}})
    const {token, expires} = await requestToken(east, {
      namespace,
      serviceAccount: 'reader',
      durationSeconds: 3600,
      boundSecret: {name: 'bound', uid: secret.metadata.uid!},
    })
    expect(expires.getTime() - Date.now()).toBeGreaterThan(3_000_000)
    expect(await reviewToken(east, token)).toBe(true)
    expect(await reviewToken(east, `${token}x`)).toBe(false)
    await east.delete({apiVersion: 'v1', kind: 'Secret', namespace, name: 'bound'})
    await expect.poll(() => reviewToken(east, token), {timeout: 30_000}).toBe(false)
    await expect(
      requestToken(east, {namespace, serviceAccount: 'missing', durationSeconds: 3600}),
    ).rejects.toMatchObject({status: 404})
  })

  it('reports an invalid token', async () => {
    const wrong = loadKubeconfig({kubeconfig: servers!.kubeconfig, env: {}})
    const {value} = wrong.users.get('east')!
    Object.assign(value, {clientCertificateData: undefined, clientKeyData: undefined, token: 'wrong'})
    const cluster = await connectCluster(wrong, 'east', {fieldManager})
    const error: unknown = await cluster.read('/version').catch(error => error)
    expect(error).toBeInstanceOf(ApiError)
    expect(error).toMatchObject({status: 401})
    cluster.close()
  })
})
