import {describe, expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import {type DnsFacts, dnsPlace, type EditedDns} from '../../../src/mesh/dns/facts.ts'
import {buildDnsStub, buildDnsUnstub} from '../../../src/mesh/dns/objects-stub.ts'
import {textAfter} from '../../support/edits.ts'

const names = new Map([['a.b.global', ['240.241.0.1']]])
const stub = {cluster: 'east', names, forward: ['10.0.0.53'], forwardBefore: []}

/** ConfigMaps in kube-system, by name. */
const maps = (data: Record<string, Record<string, string>>): DnsFacts => ({
  read: ['coredns'],
  objects: Object.entries(data).map(([name, texts]) => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name, namespace: 'kube-system'},
    data: texts,
  })),
})

test.each<[EditedDns, string, string, RegExp]>([
  ['coredns', 'Corefile', '.:53 {\n}\n', /global:53[\s\S]*240\.241\.0\.1/],
  ['kube-dns', 'stubDomains', '{}', /"global": \[\s*"10\.0\.0\.53"/],
  ['dnsmasq', 'dnsmasq.conf', 'no-resolv\n', /host-record=a\.b\.global,240\.241\.0\.1/],
])('%s is edited in kube-system and restored', (dns, key, text, expected) => {
  const found = maps({[dns]: {[key]: text}})
  const edit = buildDnsStub({...stub, dns, found}) as Edit
  expect(dnsPlace(dns)).toMatchObject({ref: {namespace: 'kube-system', name: dns}, key})
  expect(edit.target).toEqual(dnsPlace(dns).ref)
  const changed = textAfter(edit, text)!
  expect(changed).toMatch(expected)
  const [undo] = buildDnsUnstub('east', dns, stub.forward, found)
  expect(textAfter(undo!, changed)).toBe(text)
  expect(undo).toMatchObject({undoes: true})
})

describe('a Corefile that imports servers from coredns-custom', () => {
  const Corefile = '.:8053 {\n    errors\n    import custom/*.override\n}\nimport custom/*.server\n'

  test('an own key is added and removed', () => {
    const found = maps({coredns: {Corefile}, 'coredns-custom': {'other.server': 'a:8053 {\n}\n'}})
    const edit = buildDnsStub({...stub, dns: 'coredns', found}) as Edit
    expect(edit).toMatchObject({target: {name: 'coredns-custom'}, edits: [{path: ['data', 'kubectl-mesh.server']}]})
    const text = textAfter(edit, '')!
    expect(text).toMatch(/^global:8053 \{/)
    const after = maps({coredns: {Corefile}, 'coredns-custom': {'kubectl-mesh.server': text}})
    const [corefile, custom, ...others] = buildDnsUnstub('east', 'coredns', [], after)
    expect(textAfter(corefile!, Corefile)).toBe(Corefile)
    expect(custom).toMatchObject({target: {name: 'coredns-custom'}, edits: [{path: ['data', 'kubectl-mesh.server']}]})
    expect(textAfter(custom!, text)).toBeUndefined()
    expect(others).toEqual([])
  })

  test('the ConfigMap is created if it does not exist, and stays', () => {
    expect(buildDnsStub({...stub, dns: 'coredns', found: maps({coredns: {Corefile}})})).toMatchObject({
      action: 'apply',
      stays: true,
      object: {
        metadata: {name: 'coredns-custom', namespace: 'kube-system'},
        data: {'kubectl-mesh.server': expect.stringMatching(/^global:8053 \{/)},
      },
    })
  })

  test('an existing block is replaced in its key and restored', () => {
    const old = 'global:8053 {\n    errors\n\n    forward . 10.0.0.1\n}\n'
    const found = maps({coredns: {Corefile}, 'coredns-custom': {'global.server': old}})
    expect(() => buildDnsStub({...stub, dns: 'coredns', found})).toThrow(
      'key global.server of ConfigMap coredns-custom, which the Corefile imports, already has a server block for global',
    )
    const edit = buildDnsStub({...stub, dns: 'coredns', found, replace: true}) as Edit
    expect(edit).toMatchObject({target: {name: 'coredns-custom'}, edits: [{path: ['data', 'global.server']}]})
    const text = textAfter(edit, old)!
    const after = maps({coredns: {Corefile}, 'coredns-custom': {'global.server': text}})
    const again = buildDnsStub({...stub, dns: 'coredns', found: after}) as Edit
    expect(textAfter(again, text)).toBe(text)
    expect(textAfter(buildDnsUnstub('east', 'coredns', [], after)[1]!, text)).toBe(old)
  })
})
