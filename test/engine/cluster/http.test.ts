import http from 'node:http'
import net, {type AddressInfo} from 'node:net'
import {afterEach, describe, expect, it} from 'vitest'
import type {Cluster} from '../../../src/engine/cluster/cluster.ts'
import {type ConnectOptions, connectCluster} from '../../../src/engine/cluster/connect.ts'
import {ApiError, UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {type Decide, type FaultProxy, startFaultProxy} from '../../support/servers/fault-proxy.ts'

const ends: (() => unknown)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end()
})

const ok = {status: 200, body: {kind: 'Status', fine: true}}
const ref = {apiVersion: 'v1', kind: 'ConfigMap', namespace: 'a', name: 'b'}

async function start(decide: Decide, options: Partial<ConnectOptions> = {}): Promise<[FaultProxy, Cluster]> {
  const proxy = await startFaultProxy({decide})
  ends.push(() => proxy.close())
  const cluster = await connectCluster(loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}}), '', {
    fieldManager: 'test',
    ...options,
  })
  ends.push(() => cluster.close())
  return [proxy, cluster]
}

/** A kubeconfig for a server that is no fault proxy. */
function configFor(server: string, cluster: object = {}): Kubeconfig {
  return {
    files: ['test'],
    currentContext: 'test',
    contexts: new Map([['test', {file: 'test', value: {cluster: 'test', user: '', namespace: ''}}]]),
    clusters: new Map([
      [
        'test',
        {
          file: 'test',
          value: {
            server,
            tlsServerName: '',
            insecureSkipTlsVerify: false,
            certificateAuthority: '',
            certificateAuthorityData: undefined,
            proxyUrl: '',
            execConfig: undefined,
            ...cluster,
          },
        },
      ],
    ]),
    users: new Map(),
  }
}

/** A TCP server on loopback. */
async function listen(server: net.Server): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<net.Socket>()
  server.on('connection', socket => sockets.add(socket.on('error', () => {})))
  ends.push(() => {
    for (const socket of sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  })
  return (server.address() as AddressInfo).port
}

describe('the pool', () => {
  it('makes at most 16 handshakes for 1,000 requests sent at once', async () => {
    const [proxy, cluster] = await start(() => ok)
    await Promise.all(Array.from({length: 1000}, () => cluster.read('/version')))
    expect(proxy.requests).toHaveLength(1000)
    expect(proxy.handshakes).toBeLessThanOrEqual(16)
  })

  it('has 16 requests open, and no more', async () => {
    const [proxy, cluster] = await start(() => 'hang', {requestTimeout: 700})
    await Promise.allSettled(Array.from({length: 20}, () => cluster.read('/version')))
    expect(proxy.maxOpen).toBe(16)
    expect(proxy.requests).toHaveLength(20)
  })

  it('uses one connection for requests one after the other', async () => {
    const [proxy, cluster] = await start(() => ok)
    for (let i = 0; i < 20; i++) await cluster.read('/version')
    expect(proxy.handshakes).toBe(1)
  })

  it('counts a time limit from when a request is sent, not while it waits in the queue', async () => {
    const slow = http.createServer((_, response) => setTimeout(() => response.end('{}'), 60))
    const cluster = await connectCluster(configFor(`http://127.0.0.1:${await listen(slow)}`), '', {
      fieldManager: 'test',
      requestTimeout: 600,
    })
    ends.push(() => cluster.close())
    const started = performance.now()
    await Promise.all(Array.from({length: 16 * 15}, () => cluster.read('/x')))
    // 15 rounds of 60 ms: the last ones waited longer than their limit.
    expect(performance.now() - started).toBeGreaterThan(600)
  })

  it('ends requests that wait when it is closed', async () => {
    const [, cluster] = await start(() => 'hang')
    const all = Promise.allSettled(Array.from({length: 40}, () => cluster.read('/version')))
    cluster.close()
    for (const result of await all) {
      expect(result).toMatchObject({status: 'rejected', reason: expect.any(UnreachableError)})
    }
  })
})

describe('trying again', () => {
  it.each([429, 500, 502, 503, 504])('repeats a read after %i', async status => {
    const [proxy, cluster] = await start(({number}) => (number < 3 ? {status} : ok))
    await expect(cluster.read('/version')).resolves.toEqual(ok.body)
    expect(proxy.requests).toHaveLength(3)
  })

  it('waits as long as Retry-After says', async () => {
    const [proxy, cluster] = await start(({number}) =>
      number === 1 ? {status: 429, headers: {'retry-after': '2'}} : ok,
    )
    const started = performance.now()
    await cluster.read('/version')
    expect(performance.now() - started).toBeGreaterThanOrEqual(1990)
    expect(proxy.requests).toHaveLength(2)
  })

  it('does not wait when Retry-After is too long', async () => {
    const [proxy, cluster] = await start(() => ({status: 503, headers: {'retry-after': '3600'}}))
    await expect(cluster.read('/version')).rejects.toMatchObject({status: 503})
    expect(proxy.requests).toHaveLength(1)
  })

  it('gives up after four tries and tells the last answer', async () => {
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

  it('repeats an apply after a broken connection', async () => {
    const [proxy, cluster] = await start(({number}) => (number < 3 ? 'reset' : ok))
    await cluster.apply({apiVersion: 'v1', kind: 'ConfigMap', metadata: {namespace: 'a', name: 'b'}})
    expect(proxy.requests.map(({method}) => method)).toEqual(['PATCH', 'PATCH', 'PATCH'])
  })

  it('repeats a dry run of a patch, and not a patch or delete without a precondition', async () => {
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

  it('repeats what has a precondition, and reviews', async () => {
    const [proxy, cluster] = await start(({number}) => (number % 2 === 1 ? 'reset' : ok))
    await cluster.patch(ref, {metadata: {resourceVersion: '1'}, data: {}})
    await cluster.delete(ref, {uid: 'u'})
    await cluster.create('/x', {})
    expect(proxy.requests.map(({method}) => method)).toEqual(['PATCH', 'PATCH', 'DELETE', 'DELETE', 'POST', 'POST'])
  })

  it('repeats everything that was turned away with 429', async () => {
    const [proxy, cluster] = await start(({number}) => (number === 1 ? {status: 429} : ok))
    await cluster.create('/x', {})
    expect(proxy.requests).toHaveLength(2)
  })

  it('does not repeat what is refused for good', async () => {
    const [proxy, cluster] = await start(() => ({status: 403, body: {reason: 'Forbidden', message: 'no'}}))
    await expect(cluster.get(ref)).rejects.toMatchObject({status: 403, reason: 'Forbidden'})
    expect(proxy.requests).toHaveLength(1)
  })
})

describe('what is told when no answer comes', () => {
  it('names a server that hangs within the limit, and does not try again', async () => {
    const [proxy, cluster] = await start(() => 'hang', {requestTimeout: 300})
    await expect(cluster.get(ref)).rejects.toMatchObject({
      name: 'UnreachableError',
      context: 'proxy',
      message: `context "proxy": ${proxy.url}: no complete answer within 0.3 s`,
    })
    expect(proxy.requests).toHaveLength(1)
  })

  it('tells an answer that breaks off in the middle', async () => {
    const half = net.createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":', () => socket.end()))
    })
    const cluster = await connectCluster(configFor(`http://127.0.0.1:${await listen(half)}`), '', {
      fieldManager: 'test',
    })
    ends.push(() => cluster.close())
    await expect(cluster.read('/version')).rejects.toThrow(UnreachableError)
  })

  it('tells a closed port', async () => {
    const gone = net.createServer()
    const port = await listen(gone)
    gone.close()
    const cluster = await connectCluster(configFor(`https://127.0.0.1:${port}`), '', {fieldManager: 'test'})
    await expect(cluster.read('/version')).rejects.toThrow(/context "test": https:\/\/127.0.0.1:\d+: .*ECONNREFUSED/)
  })

  it('tells a certificate that is not trusted, and one for another name', async () => {
    const [proxy] = await start(() => ok)
    const untrusted = await connectCluster(configFor(proxy.url), '', {fieldManager: 'test'})
    await expect(untrusted.read('/version')).rejects.toThrow(/self-signed certificate/)
    const trusted = loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}})
    const {value} = trusted.clusters.get('proxy')!
    value.tlsServerName = 'other.test'
    const other = await connectCluster(trusted, '', {fieldManager: 'test'})
    await expect(other.read('/version')).rejects.toThrow(/other\.test/)
    value.tlsServerName = 'fault-proxy.test'
    const named = await connectCluster(trusted, '', {fieldManager: 'test'})
    await expect(named.read('/version')).resolves.toEqual(ok.body)
    expect(named.tlsServerName).toBe('fault-proxy.test')
    for (const cluster of [untrusted, other, named]) cluster.close()
  })

  it('takes any certificate with insecure-skip-tls-verify, but not together with an authority', async () => {
    const [proxy] = await start(() => ok)
    const cluster = await connectCluster(configFor(proxy.url, {insecureSkipTlsVerify: true}), '', {
      fieldManager: 'test',
    })
    ends.push(() => cluster.close())
    await expect(cluster.read('/version')).resolves.toEqual(ok.body)
    const both = configFor(proxy.url, {insecureSkipTlsVerify: true, certificateAuthorityData: Buffer.from('x')})
    await expect(connectCluster(both, '', {fieldManager: 'test'})).rejects.toMatchObject({exit: 2})
  })

  it('tells an answer that is no JSON', async () => {
    const [, cluster] = await start(() => ({status: 200, headers: {'content-type': 'text/html'}, body: '<p>login</p>'}))
    await expect(cluster.read('/version')).rejects.toThrow(
      'answered 200 with text/html, not JSON: is it an API server?',
    )
  })

  it('refuses an object that the server would hang up on', async () => {
    const [proxy, cluster] = await start(() => ok)
    const object = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {namespace: 'a', name: 'b'},
      data: {x: 'x'.repeat(4e6)},
    }
    await expect(cluster.apply(object)).rejects.toMatchObject({status: 413})
    expect(proxy.requests).toHaveLength(0)
  })
})

describe('what goes along', () => {
  it('gives warnings once each', async () => {
    const warnings: string[] = []
    const header = '299 - "v1beta1 is deprecated, use v1", 299 - "say \\"please\\""'
    const [, cluster] = await start(() => ({...ok, headers: {warning: header}}), {warn: text => warnings.push(text)})
    await cluster.read('/a')
    await cluster.read('/b')
    expect(warnings).toEqual(['v1beta1 is deprecated, use v1', 'say "please"'])
  })

  it('sends impersonation, and logs method, URL, status and time alone', async () => {
    const lines: string[] = []
    const [proxy, cluster] = await start(({number}) => (number === 1 ? 'reset' : ok), {
      as: 'jane',
      asGroups: ['dev', 'ops'],
      verbose: line => lines.push(line),
    })
    await cluster.get(ref)
    expect(proxy.requests[1]!.headers).toMatchObject({'impersonate-user': 'jane', 'impersonate-group': 'dev, ops'})
    expect(lines).toEqual([
      expect.stringMatching(/^GET https:\/\/127\.0\.0\.1:\d+\/api\/v1\/namespaces\/a\/configmaps\/b .* in \d+ ms$/),
      expect.stringMatching(/^GET https:\/\/127\.0\.0\.1:\d+\/api\/v1\/namespaces\/a\/configmaps\/b 200 in \d+ ms$/),
    ])
  })

  it('refuses groups without a user', async () => {
    await expect(start(() => ok, {asGroups: ['x']})).rejects.toMatchObject({exit: 2})
  })

  it('sends no credential over plain HTTP, as kubectl', async () => {
    const seen: (string | undefined)[] = []
    const plain = http.createServer((request, response) => {
      seen.push(request.headers.authorization)
      response.end('{}')
    })
    const config = configFor(`http://127.0.0.1:${await listen(plain)}`)
    const [proxy] = await start(() => ok)
    const user = loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}}).users.get('proxy')!
    user.value.token = 'secret'
    config.users.set('u', user)
    config.contexts.get('test')!.value.user = 'u'
    const cluster = await connectCluster(config, '', {fieldManager: 'test'})
    ends.push(() => cluster.close())
    await cluster.read('/version')
    expect(seen).toEqual([undefined])
  })
})
