import {expect, test} from 'vitest'
import {balanceDocuments} from '../../../../src/features/locality/exported/spec-balance.ts'
import {recordOf} from '../../../support/round-trip.ts'

const place = {context: 'east', revision: undefined}
const failover = {failover: {eu: 'us'}}
const meshWide = JSON.stringify({former: {enabled: false}, set: {enabled: true, failover: [{from: 'eu', to: 'us'}]}})

test('hosts with the same settings are one document, which the mesh-wide setting joins', () => {
  const stored = recordOf('settings', {
    'b.shop.svc.cluster.local': JSON.stringify(failover),
    'a.shop.svc.cluster.local': JSON.stringify(failover),
    'db.example.com': JSON.stringify({failoverPriority: ['app']}),
    '_mesh-wide.default': meshWide,
  })
  expect(balanceDocuments(stored, place)).toEqual([
    {
      ...{name: 'a.shop.svc.cluster.local-and-more', context: 'east', gaps: []},
      raw: {
        ...failover,
        hosts: ['a.shop.svc.cluster.local', 'b.shop.svc.cluster.local'],
        systemNamespace: 'istio-system',
        meshWide: 'on',
      },
    },
    {
      context: 'east',
      raw: {failoverPriority: ['app'], hosts: ['db.example.com'], systemNamespace: 'istio-system'},
      gaps: [],
    },
  ])
})

test('a mesh-wide setting with other values, or of another revision, is a separate document', () => {
  const off = JSON.stringify({set: {enabled: false}})
  const stored = recordOf('settings', {
    'a.shop.svc.cluster.local': JSON.stringify(failover),
    '_mesh-wide.1-31': meshWide,
    '_mesh-wide.default': off,
  })
  expect(
    balanceDocuments(stored, place).map(({name, raw}) => [name, raw.meshWide, raw.revision, raw.failover]),
  ).toEqual([
    [undefined, undefined, undefined, failover.failover],
    ['mesh-wide-1-31', 'on', '1-31', failover.failover],
    ['mesh-wide', 'off', undefined, undefined],
  ])
})

test('a host that is stored as a hash is reported', () => {
  const stored = recordOf('settings', {'a.shop.svc.x.example': '{}', [`${'0'.repeat(64)}`]: '{}', 'b.c': 'damaged'})
  expect(balanceDocuments(stored, place)).toMatchObject([
    {raw: {clusterDomain: 'x.example'}, gaps: ['1 host whose name is longer than 253 characters']},
  ])
})
