import {expect, test} from 'vitest'
import {targetOf} from '../../../../src/engine/kubernetes/change.ts'
import {
  type BalancedHost,
  buildBalance,
  buildLocalityRecord,
  buildLocalitySetting,
  buildPreferClose,
  localityApplySet,
  ruleName,
} from '../../../../src/features/locality/balance/objects.ts'
import {readMeshHost} from '../../../../src/istio/mesh-host.ts'
import {frozen} from '../../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'

const plain: BalancedHost = {
  cluster: 'east',
  host: readMeshHost('web', 'shop', 'cluster.local'),
  namespace: 'shop',
  controlPlane: {isTenant: false, revision: undefined},
  setting: {},
  existing: undefined,
  setsOutlierDetection: true,
}
const where = {systemNamespace: 'istio-system', revision: undefined}

test.each<[string, Partial<BalancedHost>]>([
  ['plain', {}],
  [
    'failover-revision',
    {controlPlane: {isTenant: false, revision: '1-30'}, setting: {failover: [{from: 'a', to: 'b'}]}},
  ],
  [
    'distribute-external',
    {
      host: readMeshHost('api.example.com', 'shop', 'cluster.local'),
      setting: {distribute: [{from: 'a/*', to: {'a/*': 80, b: 20}}]},
    },
  ],
  [
    'merged',
    {
      setting: {failoverPriority: ['topology.kubernetes.io/region', 'version=v2']},
      existing: {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', namespace: 'shop', name: 'web-tls'},
      setsOutlierDetection: false,
    },
  ],
])('golden: %s', async (name, more) => {
  const input = frozen({...plain, ...more})
  const record = buildLocalityRecord('east', where, {[input.host.host]: '{}'})
  await expectGolden(`locality/${name}.yaml`, textOfChanges([...record, buildBalance(input)]))
})

test('only the rule of a tenant carries the label of its revision', () => {
  const {metadata} = buildBalance({...plain, controlPlane: {isTenant: true, revision: 't1'}}).object
  expect(metadata.labels).toMatchObject({'istio.io/rev': 't1'})
})

test('a rule of another owner gets only the requested fields', () => {
  const existing = {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', namespace: 'shop', name: 'web-tls'}
  const {object} = buildBalance({...plain, existing})
  expect(object.metadata).toEqual({name: 'web-tls', namespace: 'shop'})
  expect(Object.keys(object.spec as object)).toEqual(['trafficPolicy'])
})

test('--prefer-close sets one field or one annotation of the Service', () => {
  expect(buildPreferClose('east', {name: 'web', namespace: 'shop'}, 'field')).toMatchObject({
    action: 'apply',
    stays: true,
    object: {metadata: {name: 'web', namespace: 'shop'}, spec: {trafficDistribution: 'PreferClose'}},
  })
  expect(buildPreferClose('east', {name: 'web', namespace: 'shop'}, 'annotation')).toMatchObject({action: 'edit'})
})

test('no record without hosts, and one per revision', () => {
  expect(buildLocalityRecord('east', where, {})).toEqual([])
  const names = buildLocalityRecord('east', {...where, revision: 'r1'}, {'a.example.com': '{}'}).map(
    change => targetOf(change).name,
  )
  expect(names).toEqual(['kubectl-mesh-locality-r1', 'kubectl-mesh-locality-settings-r1'])
  expect(localityApplySet({...where, revision: 'r1'}).name).toBe('kubectl-mesh-locality-r1')
})

test('the requested setting has only the keys that are set', () => {
  const none = {failover: {}, failoverPriority: [], distribute: []}
  expect(buildLocalitySetting(none)).toEqual({})
  expect(buildLocalitySetting({...none, failover: {a: 'b'}})).toEqual({failover: [{from: 'a', to: 'b'}]})
  const distribute = [{from: 'a', to: {b: 100}}]
  expect(buildLocalitySetting({...none, distribute})).toEqual({distribute})
})

test('the name of a rule', () => {
  expect(ruleName(readMeshHost('web', 'shop', 'cluster.local'))).toBe('web-locality')
  expect(ruleName(readMeshHost('api.example.com', 'shop', 'cluster.local'))).toBe('api-example-com-locality')
})
