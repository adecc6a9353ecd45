import {describe, expect, it} from 'vitest'
import {ApiError, UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {ok, ref, start} from './servers.ts'

describe('retries of reads', () => {
  it.each([429, 500, 502, 503, 504])('repeats a read after status %i', async status => {
    const [proxy, cluster] = await start(({number}) => (number < 3 ? {status} : ok))
    await expect(cluster.read('/version')).resolves.toEqual(ok.body)
    expect(proxy.requests).toHaveLength(3)
  })

  it('waits as long as Retry-After requests', async () => {
    const [proxy, cluster] = await start(({number}) =>
      number === 1 ? {status: 429, headers: {'retry-after': '2'}} : ok,
    )
    const started = performance.now()
    await cluster.read('/version')
    expect(performance.now() - started).toBeGreaterThanOrEqual(1990)
    expect(proxy.requests).toHaveLength(2)
  })

  it('does not retry if Retry-After is too long', async () => {
    const [proxy, cluster] = await start(() => ({status: 503, headers: {'retry-after': '3600'}}))
    await expect(cluster.read('/version')).rejects.toMatchObject({status: 503})
    expect(proxy.requests).toHaveLength(1)
  })

  it('stops after four tries and reports the last response', async () => {
    const body = {kind: 'Status', reason: 'InternalError', message: 'etcd is sad'}
    const [proxy, cluster] = await start(() => ({status: 500, body}))
    await expect(cluster.read('/version')).rejects.toMatchObject({
      name: 'ApiError',
      status: 500,
      reason: 'InternalError',
      message: 'etcd is sad',
    })
    expect(proxy.requests).toHaveLength(4)
  })

  it('does not retry a permanent error', async () => {
    const [proxy, cluster] = await start(() => ({status: 403, body: {reason: 'Forbidden', message: 'no'}}))
    await expect(cluster.get(ref)).rejects.toMatchObject({status: 403, reason: 'Forbidden'})
    expect(proxy.requests).toHaveLength(1)
  })
})

describe('retries of writes', () => {
  it('repeats an apply after a broken connection', async () => {
    const [proxy, cluster] = await start(({number}) => (number < 3 ? 'reset' : ok))
    await cluster.apply({apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace: 'a', name: 'b'}})
    expect(proxy.requests.map(({method}) => method)).toEqual(['PATCH', 'PATCH', 'PATCH'])
  })

  it('repeats the dry run of a patch, but no patch or delete without a precondition', async () => {
    const [proxy, cluster] = await start(() => ({status: 503}))
    await expect(cluster.patch(ref, {data: {}}, {dryRun: true})).rejects.toThrow(ApiError)
    expect(proxy.requests).toHaveLength(4)
    await expect(cluster.patch(ref, {data: {}})).rejects.toThrow(ApiError)
    await expect(cluster.delete(ref)).rejects.toThrow(ApiError)
    expect(proxy.requests).toHaveLength(6)
    proxy.decide = () => 'reset'
    await expect(cluster.patch(ref, {data: {}})).rejects.toThrow(UnreachableError)
    expect(proxy.requests).toHaveLength(7)
  })

  it('repeats writes with a precondition, and reviews', async () => {
    const [proxy, cluster] = await start(({number}) => (number % 2 === 1 ? 'reset' : ok))
    await cluster.patch(ref, {metadata: {resourceVersion: '1'}, data: {}})
    await cluster.delete(ref, {uid: 'u'})
    await cluster.create('/x', {})
    expect(proxy.requests.map(({method}) => method)).toEqual(['PATCH', 'PATCH', 'DELETE', 'DELETE', 'POST', 'POST'])
  })

  it('repeats every request after status 429', async () => {
    const [proxy, cluster] = await start(({number}) => (number === 1 ? {status: 429} : ok))
    await cluster.create('/x', {})
    expect(proxy.requests).toHaveLength(2)
    proxy.decide = ({number}) => (number === 3 ? {status: 429} : ok)
    await cluster.patch(ref, {data: {}})
    expect(proxy.requests).toHaveLength(4)
  })
})
