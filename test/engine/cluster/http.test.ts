import http from 'node:http'
import net from 'node:net'
import {describe, expect, it} from 'vitest'
import {UnreachableError} from '../../../src/engine/cluster/errors.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {closedPort, configFor, connect, listen, ok, ref, start} from './servers.ts'

describe('a server without a usable response', () => {
  it('reports a server that hangs once its time limit is over, without a retry', async () => {
    const [proxy, cluster] = await start(() => 'hang', {requestTimeout: 300})
    await expect(cluster.get(ref)).rejects.toMatchObject({
      name: 'UnreachableError',
      context: 'proxy',
      message: `context "proxy": ${proxy.url}: no complete response within 0.3 s`,
    })
    expect(proxy.requests).toHaveLength(1)
  })

  it('reports a response that is cut off', async () => {
    const half = net.createServer(socket => {
      socket.on('error', () => {})
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"a":', () => socket.end()))
    })
    const cluster = await connect(configFor(`http://127.0.0.1:${await listen(half)}`))
    await expect(cluster.read('/version')).rejects.toThrow(UnreachableError)
  })

  it('reports a closed port', async () => {
    const cluster = await connect(configFor(`https://127.0.0.1:${await closedPort()}`))
    await expect(cluster.read('/version')).rejects.toThrow(/context "test": https:\/\/127.0.0.1:\d+: .*ECONNREFUSED/)
  })

  it('reports a response that is not JSON', async () => {
    const [, cluster] = await start(() => ({status: 200, headers: {'content-type': 'text/html'}, body: '<p>login</p>'}))
    await expect(cluster.read('/version')).rejects.toThrow(
      'responded with status 200 and text/html instead of JSON: is it an API server?',
    )
  })

  it('rejects an object that exceeds the size limit of the server', async () => {
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

describe('the certificate of the server', () => {
  it('is rejected if its authority is not trusted', async () => {
    const [proxy] = await start(() => ok)
    const untrusted = await connect(configFor(proxy.url))
    await expect(untrusted.read('/version')).rejects.toThrow(/self-signed certificate/)
  })

  it('must contain the tls-server-name', async () => {
    const [proxy] = await start(() => ok)
    const kubeconfig = loadKubeconfig({kubeconfig: proxy.kubeconfig, env: {}})
    const {value} = kubeconfig.clusters.get('proxy')!
    value.tlsServerName = 'other.test'
    const other = await connect(kubeconfig)
    await expect(other.read('/version')).rejects.toThrow(/other\.test/)
    value.tlsServerName = 'fault-proxy.test'
    const named = await connect(kubeconfig)
    await expect(named.read('/version')).resolves.toEqual(ok.body)
    expect(named.tlsServerName).toBe('fault-proxy.test')
  })

  it('is not verified with insecure-skip-tls-verify, which conflicts with an authority', async () => {
    const [proxy] = await start(() => ok)
    const cluster = await connect(configFor(proxy.url, {insecureSkipTlsVerify: true}))
    await expect(cluster.read('/version')).resolves.toEqual(ok.body)
    const both = configFor(proxy.url, {insecureSkipTlsVerify: true, certificateAuthorityData: Buffer.from('x')})
    await expect(connect(both)).rejects.toMatchObject({exit: 2})
  })
})

describe('headers', () => {
  it('reports each warning once', async () => {
    const warnings: string[] = []
    const header = '299 - "v1beta1 is deprecated, use v1", 299 - "quoted \\"text\\""'
    const [, cluster] = await start(() => ({...ok, headers: {warning: header}}), {warn: text => warnings.push(text)})
    await cluster.read('/a')
    expect(warnings).toEqual([])
    const object = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'x', namespace: 'y'}}
    await cluster.apply(object)
    await cluster.apply(object)
    expect(warnings).toEqual(['v1beta1 is deprecated, use v1', 'quoted "text"'])
  })

  it('sends impersonation, and logs only method, URL, status and duration', async () => {
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

  it('rejects groups without a user', async () => {
    await expect(start(() => ok, {asGroups: ['x']})).rejects.toMatchObject({exit: 2})
  })

  it('contain no credential over plain HTTP, as with kubectl', async () => {
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
    await (await connect(config)).read('/version')
    expect(seen).toEqual([undefined])
  })
})
