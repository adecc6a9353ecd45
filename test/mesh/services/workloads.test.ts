import {expect, test} from 'vitest'
import {localityOf, workloadsOf} from '../../../src/mesh/services/workloads.ts'
import {exporting, object, pod} from './samples.ts'

const {services, controlPlane} = exporting()
const workloadEntries = [object('WorkloadEntry', 'vm', {labels: {app: 'hello'}, serviceAccount: 'vm'})]

test('identities are sorted and unique', () => {
  const pods = [pod('a', 'hello', 'b'), pod('b', 'hello'), pod('c', 'hello', 'b'), pod('d', 'other', 'x')]
  expect(workloadsOf(services[0]!, {pods, workloadEntries, controlPlane})).toEqual({
    identities: ['b', 'default', 'vm'].map(account => `spiffe://cluster.local/ns/sample/sa/${account}`),
    hasMtls: true,
  })
})

test('pods without a sidecar cannot receive mTLS', () => {
  const pods = [object('Pod', 'a', {}, {labels: {app: 'hello'}})]
  expect(workloadsOf(services[0]!, {pods, workloadEntries: [], controlPlane}).hasMtls).toBe(false)
})

const node = (region?: string, zone?: string) =>
  object('Node', 'n', {}, {labels: {'topology.kubernetes.io/region': region!, 'topology.kubernetes.io/zone': zone!}})

test.each([
  ['one zone', [node('eu', 'a'), node('eu', 'a')], 'eu/a'],
  ['one region', [node('eu', 'a'), node('eu', 'b')], 'eu'],
  ['two regions', [node('eu', 'a'), node('us', 'a')], undefined],
  ['no labels', [node()], undefined],
  ['no nodes', [], undefined],
])('locality: %s', (_name, nodes, expected) => {
  expect(localityOf(nodes)).toBe(expected)
})
