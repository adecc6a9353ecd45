import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {multiClusterLabel} from '../../../../src/engine/kubernetes/labels.ts'
import {renderedClusters} from '../../../../src/features/files/render/objects.ts'
import {
  earlierObject,
  originComment,
  requireComplete,
  requireSameMode,
  unplannedObjects,
  withObjects,
} from '../../../../src/features/files/render/objects-earlier.ts'
import {configMap, creates, removes, secret} from '../../../terminal/output/steps.ts'
import {documentFor, documentOf, kindOf, planned, planOf} from '../samples.ts'

const federation = documentFor(kindOf('Federation'), 'prod', ['east', 'west'])
const vm = documentOf(kindOf('VirtualMachine'), 'db')
const earlierOf = (name: string, cluster: string, ...documents: string[]) => ({
  cluster,
  wave: 40,
  object: configMap(name, {}),
  documents,
})

test('an origin is one line of ASCII, and is read again, whatever the names are', () => {
  fc.assert(
    fc.property(
      fc.string({unit: 'binary'}),
      fc.array(fc.string({unit: 'binary'})),
      fc.boolean(),
      (cluster, documents, isShared) => {
        const object = {wave: 10, object: configMap('a', {}), documents, ...(isShared ? {isShared: true as const} : {})}
        const comment = originComment(cluster, object)
        expect(comment).toMatch(/^[\x20-\x7e]*$/)
        expect(earlierObject(comment, object.object)).toEqual({...object, cluster})
      },
    ),
  )
})

test.each([
  undefined,
  'another comment',
  'kubectl mesh render: {',
  'kubectl mesh render: {"cluster":1,"wave":10,"documents":[]}',
  'kubectl mesh render: {"cluster":"a","wave":10,"documents":[1]}',
])('%s is no origin', comment => expect(earlierObject(comment, configMap('a', {}))).toBeUndefined())

test('what is not an object has no origin', () => {
  const comment = originComment('east', earlierOf('a', 'east', 'Federation prod'))
  for (const object of [
    undefined,
    [],
    {},
    {apiVersion: 'v1', kind: 'A', metadata: {}},
    {kind: 'A', metadata: {name: 'a'}},
  ])
    expect(earlierObject(comment, object)).toBeUndefined()
})

describe('objects of an earlier render', () => {
  const plan = (...documents: Parameters<typeof unplannedObjects>[2][number][]) => documents
  const kept = (earlier: Parameters<typeof unplannedObjects>[0], documents: Parameters<typeof unplannedObjects>[2]) =>
    unplannedObjects(earlier, renderedClusters(documents), documents).kept.map(({object, cluster}) => [
      object.metadata.name,
      cluster,
    ])
  const both = planned(federation, [planOf('east', creates(configMap('a', {}))), planOf('west')])

  test('stay while their document is in the files, although its plan does not contain them', () =>
    expect(
      kept(
        [
          earlierOf('a', 'east', 'Federation prod'),
          earlierOf('b', 'east', 'Federation prod'),
          earlierOf('c', 'west', 'Federation prod'),
        ],
        plan(both),
      ),
    ).toEqual([
      ['b', 'east'],
      ['c', 'west'],
    ]))

  test('stay while their document is planned later', () => {
    const later = planned(vm, [], {after: [federation], problems: [{message: 'no gateway'}]})
    expect(kept([earlierOf('b', 'east', 'VirtualMachine db in east')], plan(both, later))).toEqual([['b', 'east']])
  })

  test('stay for a document of the current context, whose cluster is not known yet', () => {
    const current = {...vm, context: ''}
    const later = planned(current, [], {after: [federation], problems: [{message: 'no gateway'}]})
    expect(kept([earlierOf('b', 'east', 'VirtualMachine db')], plan(both, later))).toEqual([['b', 'east']])
  })

  test('are gone without the document, or if it no longer concerns the cluster', () =>
    expect(
      kept(
        [earlierOf('b', 'east', 'VirtualMachine db in east'), earlierOf('b', 'north', 'Federation prod')],
        plan(both),
      ),
    ).toEqual([]))

  test('stay while one of several documents is in the files', () =>
    expect(kept([earlierOf('b', 'east', 'Tenant shop in east', 'Federation prod')], plan(both))).toEqual([
      ['b', 'east'],
    ]))

  test('stay, if they are shared, while any document of the kind is in the files', () => {
    const db2 = planned(documentOf(kindOf('VirtualMachine'), 'db2'), [planOf('east')])
    const earlier = [
      earlierOf('shared', 'east', 'VirtualMachine'),
      earlierOf('own', 'east', 'VirtualMachine db in east'),
    ]
    expect(kept(earlier, plan(both, db2))).toEqual([['shared', 'east']])
    expect(kept(earlier, plan(both))).toEqual([])
  })

  test('are gone if the plan removes them', () => {
    const removing = planned(federation, [planOf('east', removes(configMap('b', {}))), planOf('west')])
    expect(kept([earlierOf('b', 'east', 'Federation prod')], plan(removing))).toEqual([])
  })

  test('are not needed without the document, unless the plan decides about them', () => {
    const removing = planned(federation, [planOf('east', removes(configMap('b', {}))), planOf('west')])
    const earlier = [
      earlierOf('b', 'east', 'VirtualMachine db in east'),
      earlierOf('c', 'east', 'VirtualMachine db in east'),
      earlierOf('d', 'ctx-east', 'Federation prod'),
    ]
    const {kept, unneeded} = unplannedObjects(earlier, renderedClusters(plan(removing)), plan(removing))
    expect(kept).toEqual([])
    expect(unneeded).toEqual(earlier.slice(1))
  })

  test('count once, if a killed run has left two copies', () => {
    const copies = [
      {...earlierOf('b', 'east', 'Federation prod'), path: 'fleet/clusters/east/40-b.yaml'},
      {...earlierOf('b', 'east', 'Federation prod'), path: 'fleet/clusters/east/40-gateways/40-b.yaml'},
    ]
    expect(kept(copies, plan(both))).toEqual([['b', 'east']])
  })

  test('are not removed while a document is planned later', () => {
    const later = planned(vm, [], {after: [federation], problems: [{message: 'no gateway'}]})
    const earlier = [earlierOf('d', 'ctx-east', 'Federation prod')]
    requireComplete(earlier, plan(both))
    requireComplete([], plan(both, later))
    expect(() => requireComplete(earlier, plan(both, later))).toThrow(
      expect.objectContaining({
        exit: 3,
        problems: [
          {
            message: expect.stringMatching(
              /^--prune would remove 1 object of an earlier render, .*: VirtualMachine db/,
            ),
            hints: ['render without --prune until all documents are planned'],
          },
        ],
      }),
    )
  })

  test('are added to their cluster, also if the plan lacks it', () => {
    const more = [earlierOf('b', 'east', 'Federation prod'), earlierOf('c', 'north', 'Federation prod')]
    expect(
      withObjects(renderedClusters(plan(both)), more).map(({cluster, objects}) => [
        cluster,
        ...objects.map(({object}) => object.metadata.name),
      ]),
    ).toEqual([['east', 'a', 'b'], ['west'], ['north', 'c']])
  })
})

describe('Secrets of an earlier render', () => {
  const remoteLabels = {labels: {[multiClusterLabel]: 'true'}}
  const sealed = (name: string, target: string, cluster = 'west') => ({
    ...earlierOf(name, cluster, 'Federation prod'),
    object: {...secret(name, {[target]: ''}, remoteLabels), sops: {mac: ''}},
    credential: {mode: 'sops' as const, source: 'u1/7'},
    path: `fleet/${name}.yaml`,
    text: 'sealed',
  })
  const names = (earlier: Parameters<typeof unplannedObjects>[0], ...steps: ReturnType<typeof creates>[]) => {
    const plan = [planned(federation, [planOf('east'), planOf('west', ...steps)])]
    const current = renderedClusters(plan, {mode: 'sops', decryptionSecret: undefined})
    return unplannedObjects(earlier, current, plan).kept.map(({object}) => object.metadata.name)
  }

  test('stay while a cluster lacks them, or while another owner has created them again', () => {
    expect(names([sealed('a', 'east')], creates(secret('a', {}), {pending: 'later'}))).toEqual(['a'])
    expect(names([sealed('a', 'east')], creates(secret('a', {})))).toEqual(['a'])
    expect(names([sealed('a', 'east')])).toEqual(['a'])
  })

  test('are gone with the cluster that they register, and if the plan removes them', () => {
    expect(names([sealed('a', 'north')])).toEqual([])
    expect(names([sealed('a', 'east')], removes(secret('a', {})))).toEqual([])
  })

  test('stay as they are in their files', () => {
    const [, west] = withObjects(renderedClusters([planned(federation, [planOf('east'), planOf('west')])]), [
      sealed('a', 'east'),
    ])
    expect(west!.objects).toEqual([
      expect.objectContaining({text: 'sealed', credential: {mode: 'sops', source: 'u1/7'}}),
    ])
    expect(west!.objects[0]).not.toHaveProperty('path')
  })

  test('are not replaced by Secrets of another kind', () => {
    const earlier = [sealed('a', 'east'), earlierOf('b', 'east')]
    requireSameMode(earlier, {mode: 'sops', decryptionSecret: undefined})
    expect(() => requireSameMode(earlier, {mode: 'none'})).toThrow(
      expect.objectContaining({
        exit: 3,
        problems: [
          {
            message:
              'an earlier render has written 1 Secret with --secrets sops, which --secrets none would remove: fleet/a.yaml',
            hints: ['specify --secrets sops, or delete these files; an engine then deletes the Secrets'],
          },
        ],
      }),
    )
  })
})
