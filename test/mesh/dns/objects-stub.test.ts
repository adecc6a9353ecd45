import {expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import {buildDnsStub, buildDnsUnstub, dnsPlace, type EditedDns} from '../../../src/mesh/dns/objects-stub.ts'

const names = new Map([['a.b.global', ['240.241.0.1']]])

function apply({edits}: Edit, text: string): string {
  const [edit] = edits
  if (edit?.at !== 'text') throw new Error('not an edit of a text')
  return edit.edit(text) as string
}

test.each<[EditedDns, string, string, RegExp]>([
  ['coredns', 'Corefile', '.:53 {\n}\n', /global:53[\s\S]*240\.241\.0\.1/],
  ['kube-dns', 'stubDomains', '{}', /"global": \[\s*"10\.0\.0\.53"/],
  ['dnsmasq', 'dnsmasq.conf', 'no-resolv\n', /host-record=a\.b\.global,240\.241\.0\.1/],
])('%s is edited in kube-system and restored', (dns, key, text, expected) => {
  const forward = ['10.0.0.53']
  const edit = buildDnsStub({cluster: 'east', dns, names, forward, forwardBefore: []})
  expect(dnsPlace(dns)).toMatchObject({ref: {namespace: 'kube-system', name: dns}, key})
  expect(edit.target).toEqual(dnsPlace(dns).ref)
  const changed = apply(edit, text)
  expect(changed).toMatch(expected)
  expect(apply(buildDnsUnstub('east', dns, forward), changed)).toBe(text)
})
