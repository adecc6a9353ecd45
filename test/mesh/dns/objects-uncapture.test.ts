import {expect, test} from 'vitest'
import type {Edit} from '../../../src/engine/kubernetes/change.ts'
import {buildDnsCapture} from '../../../src/mesh/dns/objects-capture.ts'
import {buildDnsUncapture} from '../../../src/mesh/dns/objects-uncapture.ts'

const place = {cluster: 'east', systemNamespace: 'istio-system', revision: '1-30'}

function apply({edits}: Edit, text: string): string {
  const [edit] = edits
  if (edit?.at !== 'text') throw new Error('not an edit of a text')
  return edit.edit(text) as string
}

test('reverts buildDnsCapture', () => {
  expect(apply(buildDnsUncapture(place), apply(buildDnsCapture(place), 'trustDomain: a\n'))).not.toContain('CAPTURE')
  expect(buildDnsUncapture(place).target).toEqual(buildDnsCapture(place).target)
})
