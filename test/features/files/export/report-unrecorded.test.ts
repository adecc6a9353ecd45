import {expect, test} from 'vitest'
import {adoptionLines} from '../../../../src/features/files/export/report-unrecorded.ts'
import {recordOf} from '../../../support/round-trip.ts'

const istiod = (namespace: string, revision = 'default') => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: {name: 'istiod', namespace, labels: {'istio.io/rev': revision}},
})

test('control planes without a record are named, with a way to adopt them', () => {
  const records = [recordOf('kubectl-mesh-federation', {})]
  const clusters = ['east', 'west'].map(context => ({
    ...{context, records, untrusted: []},
    istiods: [istiod('istio-system'), istiod('other', '1-31')],
  }))
  expect(adoptionLines(clusters)).toEqual([
    'east: istiod in other, revision 1-31, has no record of kubectl-mesh; not exported',
    'west: istiod in other, revision 1-31, has no record of kubectl-mesh; not exported',
    'hint:  to adopt a set-up made by hand, run its command once, such as: kubectl mesh federate --contexts east,west --dry-run=server',
  ])
  expect(adoptionLines([clusters[0]!])[1]).toContain('--contexts east,OTHER')
})

test('records that prove nothing are named', () => {
  const cluster = {context: 'east', records: [], istiods: [], untrusted: ['shop/kubectl-mesh-vm-a-b']}
  expect(adoptionLines([cluster])).toEqual([
    'warning: east: ignored records in namespaces that are not system namespaces: shop/kubectl-mesh-vm-a-b',
  ])
})
