import http from 'node:http'
import {describe, expect, it} from 'vitest'
import {UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {configFor, connect, listen, ok, start} from './servers.ts'

describe('the connection pool', () => {
  it('opens at most 16 connections for 1,000 simultaneous requests', async () => {
    const [proxy, cluster] = await start(() => ok)
    await Promise.all(Array.from({length: 1000}, () => cluster.read('/version')))
    expect(proxy.requests).toHaveLength(1000)
    expect(proxy.handshakes).toBeLessThanOrEqual(16)
  })

  it('keeps exactly 16 requests in flight', async () => {
    const [proxy, cluster] = await start(() => 'hang')
    const all = Promise.allSettled(Array.from({length: 20}, () => cluster.read('/version')))
    await expect.poll(() => proxy.maxOpen, {timeout: 20_000}).toBe(16)
    await new Promise(resolve => setTimeout(resolve, 100))
    expect(proxy.requests).toHaveLength(16)
    cluster.close()
    await all
  })

  it('uses one connection for consecutive requests', async () => {
    const [proxy, cluster] = await start(() => ok)
    for (let i = 0; i < 20; i++) await cluster.read('/version')
    expect(proxy.handshakes).toBe(1)
  })

  it('starts the time limit of a request when it is sent, not when it is queued', async () => {
    const slow = http.createServer((_, response) => setTimeout(() => response.end('{}'), 200))
    const cluster = await connect(configFor(`http://127.0.0.1:${await listen(slow)}`), {requestTimeout: 2000})
    const started = performance.now()
    await Promise.all(Array.from({length: 16 * 11}, () => cluster.read('/x')))
    // 11 rounds of 200 ms: the last requests waited longer than their limit.
    expect(performance.now() - started).toBeGreaterThan(2000)
  })

  it('rejects queued requests when it is closed', async () => {
    const [, cluster] = await start(() => 'hang')
    const all = Promise.allSettled(Array.from({length: 40}, () => cluster.read('/version')))
    cluster.close()
    for (const result of await all) {
      expect(result).toMatchObject({status: 'rejected', reason: expect.any(UnreachableError)})
    }
  })
})
