import {describe, expect, test} from 'vitest'
import {applySetId, asMember} from '../../../../src/engine/kubernetes/applyset.ts'
import type {Apply} from '../../../../src/engine/kubernetes/change.ts'
import {multiClusterLabel} from '../../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {inOrder} from '../../../../src/engine/plan/order.ts'
import {buildFederation} from '../../../../src/features/federate/objects.ts'
import {buildLeaverCleanup, buildPeerCleanup} from '../../../../src/features/federate/remove/objects.ts'
import {federationApplySet} from '../../../../src/mesh/applyset.ts'
import {frame, frozen, members} from '../../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'

const set = federationApplySet(frame)

/** The live objects of east in a mesh with west and south. */
function federated(credentials: 'per-peer' | 'bundled') {
  const changes = buildFederation({...frame, credentials}, members('east', 'west', 'south'))
  const own = changes.filter((change): change is Apply => change.action === 'apply' && change.cluster === 'east')
  const created = own.filter(({stays}) => !stays).map(({object}) => asMember(object, applySetId(set)))
  return frozen({created, foreignSecrets: []})
}

/** A remote Secret whose keys each have an owner. */
function ownedSecret(name: string, owners: Record<string, string>): KubernetesObject {
  const secret = remoteSecret(name, ...Object.keys(owners))
  const managedFields = Object.entries(owners).map(([key, manager]) => ({
    manager,
    operation: 'Update' as const,
    fieldsV1: {'f:data': {[`f:${key}`]: {}}},
  }))
  return {...secret, metadata: {...secret.metadata, managedFields}}
}

function remoteSecret(name: string, ...keys: string[]): KubernetesObject {
  const metadata = {name, namespace: 'istio-system', labels: {[multiClusterLabel]: 'true'}}
  return {apiVersion: 'v1', kind: 'Secret', metadata, data: Object.fromEntries(keys.map(key => [key, 'eA==']))}
}

describe('buildPeerCleanup', () => {
  test.each(['per-peer', 'bundled'] as const)('golden: %s', async credentials => {
    const changes = buildPeerCleanup({cluster: 'east', ...federated(credentials)}, ['west'])
    await expectGolden(`federation-remove/forget-${credentials}.yaml`, textOfChanges(inOrder(changes)))
  })

  test.each([
    ['a Secret of another owner, with any name', remoteSecret('by-hand', 'west'), 'remove'],
    ['one key of several', remoteSecret('by-hand', 'north', 'west'), 'edit'],
    ['another cluster', remoteSecret('by-hand', 'north'), undefined],
    ['an empty Secret', remoteSecret('by-hand'), undefined],
  ])('%s', (_, secret, action) => {
    const changes = buildPeerCleanup({cluster: 'east', foreignSecrets: [secret], created: []}, ['west'])
    expect(changes.map(change => change.action)).toEqual(action ? [action] : [])
  })
})

const frameFor = (...keys: string[]) => ({set, manager: 'kubectl-mesh', keys})

describe('buildLeaverCleanup', () => {
  const systemNamespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}}

  test('golden: everything that was created; the label and the record are last', async () => {
    const leaver = {
      cluster: 'east',
      systemNamespace,
      ...federated('per-peer'),
      ownsNetworkLabel: true,
      ownsAnnotation: true,
    }
    const changes = buildLeaverCleanup(leaver, frameFor('west', 'south'))
    await expectGolden('federation-remove/farewell.yaml', textOfChanges(inOrder(changes)))
  })

  test('the namespace, a label of another owner and cacerts stay; remote Secrets for named clusters are removed regardless of their owner', () => {
    const leaver = {
      cluster: 'east',
      systemNamespace,
      created: [],
      foreignSecrets: [remoteSecret('by-hand', 'west'), remoteSecret('of-another-mesh', 'north')],
      ownsNetworkLabel: false,
      ownsAnnotation: false,
    }
    expect(textOfChanges(inOrder(buildLeaverCleanup(leaver, frameFor('west'))))).toBe(
      '# east, wave 70: remove secret/by-hand\n---\n# east, wave 8: remove configmap/kubectl-mesh-federation\n',
    )
  })

  test('keys of other owners for clusters that are not named stay, in a Secret of any owner', () => {
    const leaver = {
      cluster: 'east',
      systemNamespace: undefined,
      created: [ownedSecret('bundle', {west: 'kubectl-mesh', third: 'kubectl-mesh', fourth: 'kubectl-edit'})],
      foreignSecrets: [ownedSecret('by-hand', {west: 'kubectl-create', notes: 'kubectl-create'})],
      ownsNetworkLabel: false,
      ownsAnnotation: false,
    }
    const changes = buildLeaverCleanup(leaver, frameFor('west'))
    expect(changes.map(change => (change.action === 'edit' ? change.edits : change.action))).toEqual([
      [
        {at: 'data', key: 'west', value: undefined, anyOwner: true},
        {at: 'data', key: 'third', value: undefined, anyOwner: true},
      ],
      [{at: 'data', key: 'west', value: undefined, anyOwner: true}],
      'remove',
    ])
  })

  test('removals name the UID', () => {
    const secret = {
      ...remoteSecret('by-hand', 'west'),
      metadata: {name: 'by-hand', namespace: 'istio-system', uid: 'u'},
    }
    expect(buildPeerCleanup({cluster: 'east', foreignSecrets: [secret], created: []}, ['west'])).toMatchObject([
      {action: 'remove', uid: 'u'},
    ])
  })

  test('members of the same kind and name in other namespaces or groups are all removed', () => {
    const twin = (apiVersion: string, namespace: string) => ({
      apiVersion,
      kind: 'Gateway',
      metadata: {name: 'x', namespace},
    })
    const created = [
      twin('networking.istio.io/v1', 'a'),
      twin('networking.istio.io/v1', 'b'),
      twin('gateway.networking.k8s.io/v1', 'a'),
    ]
    const leaver = {
      cluster: 'east',
      systemNamespace: undefined,
      created,
      foreignSecrets: [],
      ownsNetworkLabel: true,
      ownsAnnotation: true,
    }
    expect(buildLeaverCleanup(leaver, frameFor())).toHaveLength(3 + 1)
  })
})
