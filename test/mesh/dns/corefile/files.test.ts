import {describe, expect, test} from 'vitest'
import {managedKeys, stubFile} from '../../../../src/mesh/dns/corefile/files.ts'
import {putGlobalBlock} from '../../../../src/mesh/dns/corefile/global-block.ts'
import {kubeadm} from './samples.ts'

const stub = 'global:53 {\n    errors\n    forward . 10.0.0.1\n}\n'
const managed = putGlobalBlock('', new Map())
const custom = `${kubeadm}import custom/*.server\n`
const file = (corefile: string, data?: Record<string, string>, replace = false) => {
  const {map, key, port} = stubFile({corefile, custom: data}, replace)
  return `${map}/${key} ${port}`
}

test.each<[string, string, Record<string, string> | undefined, string]>([
  ['kubeadm', kubeadm, undefined, 'coredns/Corefile 53'],
  ['no server', '', undefined, 'coredns/Corefile 53'],
  ['a root server without a port', '. {\n}\n', undefined, 'coredns/Corefile '],
  ['another port', '.:1053 {\n}\n', undefined, 'coredns/Corefile 1053'],
  [
    'the port of the server for cluster names',
    'example.org:5300 {\n}\ncluster.local:8053 {\n    kubernetes cluster.local\n}\n',
    undefined,
    'coredns/Corefile 8053',
  ],
  ['the port of the root server of DNS', 'tls://.:853 {\n}\n.:1053 {\n}\n', undefined, 'coredns/Corefile 1053'],
  ['imported servers', custom, undefined, 'coredns-custom/kubectl-mesh.server 53'],
  [
    'imported servers of k3s',
    `${kubeadm}import /etc/coredns/custom/*.server\n`,
    {'other.server': 'example.org:53 {\n}\n'},
    'coredns-custom/kubectl-mesh.server 53',
  ],
  ['an import within a server', '.:53 {\n    import custom/*.override\n}\n', {}, 'coredns/Corefile 53'],
  ['a managed block in the Corefile', putGlobalBlock(custom, new Map()), undefined, 'coredns/Corefile 53'],
  ['a managed block in another key', custom, {'x.server': managed}, 'coredns-custom/x.server 53'],
  ['a key that is not imported', custom, {global: stub}, 'coredns-custom/kubectl-mesh.server 53'],
])('%s', (_, corefile, data, expected) => {
  expect(file(corefile, data)).toBe(expected)
})

describe('an existing block for the zone', () => {
  test.each<[string, string, Record<string, string> | undefined, string]>([
    ['in the Corefile', kubeadm + stub, undefined, 'coredns/Corefile 53'],
    ['in coredns-custom', custom, {'global.server': stub}, 'coredns-custom/global.server 53'],
  ])('%s is replaced only on request', (_, corefile, data, expected) => {
    expect(() => file(corefile, data)).toThrow(/already has a server block for global .* does not manage: global:53/)
    expect(file(corefile, data, true)).toBe(expected)
  })

  test.each<[string, string, Record<string, string> | undefined]>([
    ['with other zones', `${kubeadm}global:53, example.org:53 {\n    errors\n}\n`, undefined],
    ['in a snippet', `(s) {\n    ${stub}}\n${kubeadm}import s\n`, undefined],
    ['in two places', `${kubeadm + stub}import custom/*.server\n`, {'global.server': stub}],
  ])('%s is not replaced', (_, corefile, data) => {
    expect(() => file(corefile, data, true)).toThrow(/already has a server block for global/)
  })

  test('on another port does not matter', () => {
    expect(file(`.:8053 {\n}\n${stub}`)).toBe('coredns/Corefile 8053')
  })
})

test('the managed keys of coredns-custom', () => {
  expect(managedKeys({'a.server': managed, 'b.server': stub, c: 'not { a Corefile'})).toEqual(['a.server'])
  expect(managedKeys(undefined)).toEqual([])
})
