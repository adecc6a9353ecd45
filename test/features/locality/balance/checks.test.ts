import {expect, test} from 'vitest'
import {balanceChecks} from '../../../../src/features/locality/balance/checks.ts'
import {node} from '../samples.ts'
import {findingsOf} from './samples.ts'

test('no findings for a cluster without problems', () => {
  expect(findingsOf(balanceChecks, {failover: ['r=q']})).toEqual([])
})

test('a mesh config with locality load balancing off, unless this run turns it on', () => {
  const off = {mesh: {localityLbSetting: {enabled: false}}}
  expect(findingsOf(balanceChecks, {}, off)).toEqual([expect.stringContaining('warning mesh-wide: ')])
  expect(findingsOf(balanceChecks, {meshWide: 'on'}, off)).toEqual([])
})

test('nodes without a region and a zone; a zone alone has an effect', () => {
  const nodes = [node('a', 'r/z1'), node('b', '/z1'), node('c', '')]
  expect(findingsOf(balanceChecks, {}, {nodes})).toEqual([
    'warning nodes-labelled: 1 of 3 nodes has neither a region nor a zone: clients there use all endpoints equally',
  ])
})
