import {expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import {buildDnsCapture} from '../../../src/mesh/dns/objects-capture.ts'

const place = {cluster: 'east', systemNamespace: 'istio-system', revision: '1-30'}

function apply({edits}: Edit, text: string): string {
  const [edit] = edits
  if (edit?.at !== 'text') throw new Error('not an edit of a text')
  return edit.edit(text) as string
}

test('DNS capture is enabled in the mesh config of the revision', () => {
  const edit = buildDnsCapture(place)
  expect(edit.target).toMatchObject({kind: 'ConfigMap', namespace: 'istio-system', name: 'istio-1-30'})
  expect(apply(edit, 'trustDomain: a\n')).toMatch(/ISTIO_META_DNS_CAPTURE: ["']?true/)
})
