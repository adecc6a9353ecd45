import {expect, test} from 'vitest'
import type {Cluster, ListOptions} from '../../../src/engine/cluster/cluster.ts'
import {applySetId, asMember} from '../../../src/engine/kubernetes/applyset.ts'
import type {Apply} from '../../../src/engine/kubernetes/change.ts'
import type {ObjectKind} from '../../../src/engine/kubernetes/object.ts'
import {membersOf, pruneChanges} from '../../../src/engine/plan/prune.ts'
import {buildFederation} from '../../../src/features/federate/objects.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {frame, members} from '../kubernetes/samples.ts'

const set = federationApplySet(frame)
const changesFor = (...clusters: string[]) =>
  buildFederation(frame, members(...clusters)).filter(({cluster}) => cluster === 'east')
const made = changesFor('east', 'west', 'south')
  .filter((change): change is Apply => change.action === 'apply' && !change.stays)
  .map(({object}) => asMember(object, applySetId(set)))

test('what no change speaks of any more goes, in the wave it came in', () => {
  const pruned = pruneChanges('east', made, changesFor('east', 'west'), () => false)
  expect(pruned.map(({cluster, wave, target}) => [cluster, wave, target.name])).toEqual([
    ['east', 60, 'istio-remote-token-south'],
    ['east', 70, 'istio-remote-secret-south'],
  ])
})

test('nothing goes when all is spoken of, whatever version it was written in', () => {
  const older = made.map(object => ({
    ...object,
    apiVersion: object.apiVersion.replace('networking.istio.io/v1', 'networking.istio.io/v1beta1'),
  }))
  expect(pruneChanges('east', older, changesFor('east', 'west', 'south'), () => false)).toEqual([])
})

test('what is to be kept stays', () =>
  expect(pruneChanges('east', made, [], ({kind}) => kind !== 'Deployment').map(({target}) => target.kind)).toEqual([
    'Deployment',
  ]))

test('one LIST for each kind, by the label of the set', async () => {
  const asked: [ObjectKind, ListOptions | undefined][] = []
  const cluster = {
    list: async (kind: ObjectKind, options?: ListOptions) => {
      asked.push([kind, options])
      return made.filter(object => object.kind === kind.kind)
    },
  } as unknown as Cluster
  expect(new Set(await membersOf(cluster, set))).toEqual(new Set(made))
  expect(new Set(asked.map(([{apiVersion, kind}]) => `${apiVersion} ${kind}`)).size).toBe(asked.length)
  for (const [, options] of asked)
    expect(options).toEqual({labelSelector: `applyset.kubernetes.io/part-of=${applySetId(set)}`})
})
