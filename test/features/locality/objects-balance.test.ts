import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {editObject} from '../../../src/engine/plan/edit.ts'
import {localityLabels, localityOfNode, parseLocality} from '../../../src/features/locality/istio.ts'
import {
  type BalancedHost,
  buildBalance,
  buildLocalityRecord,
  buildPreferClose,
  localityApplySet,
} from '../../../src/features/locality/objects-balance.ts'
import {buildNodeLabels, contradictionsOf} from '../../../src/features/locality/objects-label.ts'
import {buildMeshLocality} from '../../../src/features/locality/objects-mesh.ts'
import {readMeshHost} from '../../../src/istio/mesh-host.ts'
import {frozen} from '../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../support/golden.ts'

const plain: BalancedHost = {
  cluster: 'east',
  host: readMeshHost('web', 'shop', 'cluster.local'),
  namespace: 'shop',
  revision: undefined,
  setting: {},
  existing: undefined,
  setsOutlierDetection: true,
}
const where = {systemNamespace: 'istio-system', revision: undefined}

test.each<[string, Partial<BalancedHost>]>([
  ['plain', {}],
  ['failover-revision', {revision: '1-30', setting: {failover: [{from: 'a', to: 'b'}]}}],
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
  const change = buildBalance(input)
  await expectGolden(`locality/${name}.yaml`, textOfChanges([...buildLocalityRecord('east', where, [change]), change]))
})

test('a rule of others gets only the fields that are asked for', () => {
  const existing = {apiVersion: 'networking.istio.io/v1', kind: 'DestinationRule', namespace: 'shop', name: 'web-tls'}
  const {object} = buildBalance({...plain, existing})
  expect(object.metadata).toEqual({name: 'web-tls', namespace: 'shop'})
  expect(Object.keys(object.spec as object)).toEqual(['trafficPolicy'])
})

test('the field or the annotation, and nothing else of the Service', () => {
  expect(buildPreferClose('east', {name: 'web', namespace: 'shop'}, 'field')).toMatchObject({
    action: 'apply',
    stays: true,
    object: {metadata: {name: 'web', namespace: 'shop'}, spec: {trafficDistribution: 'PreferClose'}},
  })
  expect(buildPreferClose('east', {name: 'web', namespace: 'shop'}, 'annotation')).toMatchObject({action: 'edit'})
})

test('no record where nothing of ours is made', () => {
  expect(buildLocalityRecord('east', where, [buildPreferClose('east', {name: 'w', namespace: 's'}, 'field')])).toEqual(
    [],
  )
  expect(localityApplySet({...where, revision: 'r1'}).name).toBe('kubectl-mesh-locality-r1')
})

test('the mesh-wide switch changes one value of the text', () => {
  const map = (mesh: string): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {name: 'istio'},
    data: {mesh},
  })
  const edit = (text: string, enabled: boolean, setting = {}) =>
    (editObject(map(text), buildMeshLocality('east', where, enabled, setting).edits, 'm').merged.data as {mesh: string})
      .mesh
  expect(edit('a: 1 # keep\n', false)).toBe('a: 1 # keep\nlocalityLbSetting:\n  enabled: false\n')
  expect(edit('localityLbSetting: {failover: [], enabled: false} # x\n', true)).toBe(
    'localityLbSetting: {failover: [], enabled: true} # x\n',
  )
  expect(edit('localityLbSetting:\n  enabled: false\nb: 2\n', true, {failover: [{from: 'a', to: 'b'}]})).toBe(
    'localityLbSetting:\n  enabled: true\n  failover:\n  - from: a\n    to: b\nb: 2\n',
  )
})

describe('labels of a node', () => {
  const node = (labels: Record<string, string>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {name: 'w-1', labels},
  })
  const {region, zone, subzone} = localityLabels

  test('what is there already is not spoken of', () => {
    expect(buildNodeLabels('east', node({[region]: 'r', [zone]: 'z'}), parseLocality('r/z'))).toBeUndefined()
    expect(buildNodeLabels('east', node({[region]: 'r'}), parseLocality('r/z/s'))?.edits).toEqual([
      {at: 'label', key: zone, value: 'z'},
      {at: 'label', key: subzone, value: 's'},
    ])
  })

  test('labels of old are translated where nothing else is said, and are not replaced by it', () => {
    const old = {'failure-domain.beta.kubernetes.io/region': 'r0', 'failure-domain.beta.kubernetes.io/zone': 'z0'}
    expect(buildNodeLabels('east', node(old), parseLocality(''))?.edits).toEqual([
      {at: 'label', key: region, value: 'r0'},
      {at: 'label', key: zone, value: 'z0'},
    ])
    expect(buildNodeLabels('east', node({...old, [region]: 'r1', [zone]: 'z1'}), parseLocality(''))).toBeUndefined()
    expect(
      buildNodeLabels('east', node(old), parseLocality('r2/z2'))?.edits.map(edit => edit.at === 'label' && edit.value),
    ).toEqual(['r2', 'z2'])
  })

  const text = fc.constantFrom('', 'a', 'b')
  const place = fc.record({region: text, zone: text, subzone: text})
  test('afterwards the node is where it was said to be, all else stays, and a second run has nothing to do', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom(...Object.values(localityLabels), 'x', 'failure-domain.beta.kubernetes.io/zone'),
          fc.constantFrom('a', 'b', 'c'),
        ),
        place,
        (labels, wanted) => {
          const before = node(labels)
          const edit = buildNodeLabels('east', before, wanted)
          const after = edit ? editObject(before, edit.edits, 'm').merged : before
          const found = localityOfNode(after.metadata.labels)
          for (const part of ['region', 'zone', 'subzone'] as const)
            expect(found[part]).toBe(wanted[part] || localityOfNode(labels)[part])
          expect(buildNodeLabels('east', after, wanted)).toBeUndefined()
          const own: string[] = Object.values(localityLabels)
          expect(Object.entries(after.metadata.labels ?? {}).filter(([key]) => !own.includes(key))).toEqual(
            Object.entries(labels).filter(([key]) => !own.includes(key)),
          )
          // only what contradicts is replaced
          const replaced = own.filter(key => labels[key] && after.metadata.labels?.[key] !== labels[key])
          expect(
            contradictionsOf(before, wanted)
              .map(({label}) => label)
              .sort(),
          ).toEqual(replaced.sort())
        },
      ),
    )
  })
})
