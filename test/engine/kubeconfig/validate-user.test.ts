import {describe, expect, it} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {exec, fileFor, oidc, rejectedClusters, rejectedUsers} from './rejected-users.ts'

async function connectError(
  user: object,
  cluster: object = {},
): Promise<{exit?: number; message?: string} | undefined> {
  const kubeconfig = loadKubeconfig({kubeconfig: fileFor(user, cluster), env: {}})
  return connectCluster(kubeconfig, '', {fieldManager: 'test'}).then(
    cluster => void cluster.close(),
    error => error,
  )
}

describe('users that kubectl rejects before it sends a request', () => {
  it.each(rejectedUsers)('%s', async (_, user, message) => {
    expect(await connectError(user)).toMatchObject({exit: 2, message: expect.stringMatching(message)})
  })

  it.each<[string, object]>([
    ['OIDC', {'auth-provider': oidc}],
    ['a token and a plugin', {token: 'a', exec}],
    ['impersonation', {as: 'a', 'as-uid': 'b', 'as-groups': ['c'], 'as-user-extra': {d: ['e']}}],
  ])('but not %s', async (_, user) => expect(await connectError(user)).toBeUndefined())
})

it.each(rejectedClusters)('a cluster that kubectl rejects: %s', async (_, cluster, message) => {
  expect(await connectError({token: 'x'}, cluster)).toMatchObject({exit: 2, message: expect.stringMatching(message)})
})
