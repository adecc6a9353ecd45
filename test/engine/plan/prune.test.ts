import {expect, test} from 'vitest'
import {applySetId, asMember} from '../../../src/engine/kubernetes/applyset.ts'
import type {Apply} from '../../../src/engine/kubernetes/change.ts'
import {pruneChanges} from '../../../src/engine/plan/prune.ts'
import {buildFederation} from '../../../src/features/federate/objects.ts'
import {federationApplySet} from '../../../src/mesh/applyset.ts'
import {frame, members} from '../kubernetes/samples.ts'

const set = federationApplySet(frame)
const changesFor = (...clusters: string[]) =>
  buildFederation(frame, members(...clusters)).filter(({cluster}) => cluster === 'east')
const created = changesFor('east', 'west', 'south')
  .filter((change): change is Apply => change.action === 'apply' && !change.stays)
  .map(({object}) => asMember(object, applySetId(set)))

test('removes members that no change refers to, in the wave of their creation', () => {
  const pruned = pruneChanges('east', created, changesFor('east', 'west'), () => false)
  expect(pruned.map(({cluster, wave, target}) => [cluster, wave, target.name])).toEqual([
    ['east', 60, 'istio-remote-token-south'],
    ['east', 70, 'istio-remote-secret-south'],
  ])
})

test('removes nothing if changes refer to all members, regardless of their API version', () => {
  const older = created.map(object => ({
    ...object,
    apiVersion: object.apiVersion.replace('networking.istio.io/v1', 'networking.istio.io/v1beta1'),
  }))
  expect(pruneChanges('east', older, changesFor('east', 'west', 'south'), () => false)).toEqual([])
})

test('keeps the members that the caller keeps', () =>
  expect(pruneChanges('east', created, [], ({kind}) => kind !== 'Deployment').map(({target}) => target.kind)).toEqual([
    'Deployment',
  ]))

test('removes only the objects that were read, by their UIDs', () => {
  const [member] = created
  const live = {...member!, metadata: {...member!.metadata, uid: 'u1'}}
  expect(pruneChanges('east', [live], [], () => false)).toMatchObject([{action: 'remove', uid: 'u1'}])
})
