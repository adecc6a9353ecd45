import {randomUUID} from 'node:crypto'
import {describe, expect, test} from 'vitest'
import {openApi} from '../../support/servers/api.ts'
import {sharedServers} from '../../support/servers/shared.ts'

const servers = sharedServers()

describe.skipIf(!servers)('startServers', () => {
  test('a token Secret is filled with a token that the API server takes', async () => {
    const api = await openApi(servers!.kubeconfig, 'east')
    const namespace = `tokens-${randomUUID().slice(0, 8)}`
    await api.create({apiVersion: 'v1', kind: 'Namespace', metadata: {name: namespace}})
    await api.create({apiVersion: 'v1', kind: 'ServiceAccount', metadata: {name: 'reader', namespace}})
    await api.create({
      apiVersion: 'v1',
      kind: 'Secret',
      type: 'kubernetes.io/service-account-token',
      metadata: {name: 'reader', namespace, annotations: {'kubernetes.io/service-account.name': 'reader'}},
    })
    const path = `/api/v1/namespaces/${namespace}/secrets/reader`
    const token = await expect
      .poll(async () => (await api.get<{data?: Record<string, string>}>(path))?.data?.token, {timeout: 30_000})
      .toBeTruthy()
      .then(async () => (await api.get<{data: Record<string, string>}>(path))!.data.token!)
    const review = await api.create({
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      metadata: {name: 'any'},
      spec: {token: Buffer.from(token, 'base64').toString()},
    })
    expect(review.status).toMatchObject({
      authenticated: true,
      user: {username: `system:serviceaccount:${namespace}:reader`},
    })
    api.close()
  })
})
