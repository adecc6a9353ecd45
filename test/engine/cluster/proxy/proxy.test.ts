import {describe, expect, it} from 'vitest'
import {proxyFor} from '../../../../src/engine/cluster/proxy/proxy.ts'

describe('proxyFor', () => {
  const server = new URL('https://api.example.test:6443')
  const HTTPS_PROXY = 'http://proxy.test:3128'

  it('prefers the kubeconfig to the environment, and connects to loopback directly', () => {
    expect(proxyFor(server, '', {})).toBeUndefined()
    expect(proxyFor(server, '', {HTTPS_PROXY})?.host).toBe('proxy.test:3128')
    expect(proxyFor(server, '', {https_proxy: 'proxy.test:3128'})?.host).toBe('proxy.test:3128')
    expect(proxyFor(server, '', {HTTP_PROXY: HTTPS_PROXY})).toBeUndefined()
    expect(proxyFor(server, 'socks5://s', {HTTPS_PROXY, NO_PROXY: '*'})?.protocol).toBe('socks5:')
    for (const url of ['https://127.0.0.2:1', 'https://localhost', 'https://[::1]:1']) {
      expect(proxyFor(new URL(url), '', {HTTPS_PROXY})).toBeUndefined()
    }
  })

  it.each([
    ['*', true],
    ['example.test', true],
    ['.example.test', true],
    ['*.example.test', true],
    ['a, API.example.test:6443 ,b', true],
    ['api.example.test:443', false],
    ['ample.test', false],
    ['', false],
  ])('NO_PROXY=%s for a host name: direct is %s', (NO_PROXY, direct) => {
    expect(proxyFor(server, '', {HTTPS_PROXY, NO_PROXY}) === undefined).toBe(direct)
  })

  it.each([
    ['10.0.0.0/8', true],
    ['10.1.2.3', true],
    ['10.1.2.3:6443', true],
    ['10.1.2.0/99', false],
    ['fd00::/8', false],
    ['10.1.2.4', false],
  ])('NO_PROXY=%s for an address: direct is %s', (NO_PROXY, direct) => {
    expect(proxyFor(new URL('https://10.1.2.3:6443'), '', {HTTPS_PROXY, NO_PROXY}) === undefined).toBe(direct)
  })

  it('rejects another URL without printing its password', () => {
    expect(() => proxyFor(server, 'ftp://u:hunter2@x', {})).toThrow(
      expect.objectContaining({
        exit: 2,
        message: 'the proxy of api.example.test:6443 is not an http, https or socks5 URL',
      }),
    )
  })
})
