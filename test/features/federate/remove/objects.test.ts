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
  return frozen({created, remoteSecrets: created.filter(isRemote)})
}

function isRemote({metadata}: KubernetesObject): boolean {
  return metadata.labels?.[multiClusterLabel] !== undefined
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
    const changes = buildPeerCleanup({cluster: 'east', remoteSecrets: [secret], created: []}, ['west'])
    expect(changes.map(change => change.action)).toEqual(action ? [action] : [])
  })
})

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
    const changes = buildLeaverCleanup(leaver, set, ['west', 'south'])
    await expectGolden('federation-remove/farewell.yaml', textOfChanges(inOrder(changes)))
  })

  test('the namespace, a label of another owner and cacerts stay; remote Secrets for the mesh are removed regardless of their owner', () => {
    const leaver = {
      cluster: 'east',
      systemNamespace,
      created: [],
      remoteSecrets: [remoteSecret('by-hand', 'west'), remoteSecret('of-another-mesh', 'north')],
      ownsNetworkLabel: false,
      ownsAnnotation: false,
    }
    expect(textOfChanges(inOrder(buildLeaverCleanup(leaver, set, ['west'])))).toBe(
      '# east, wave 70: remove secret/by-hand\n---\n# east, wave 10: remove configmap/kubectl-mesh-federation\n',
    )
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
      remoteSecrets: [],
      ownsNetworkLabel: true,
      ownsAnnotation: true,
    }
    expect(buildLeaverCleanup(leaver, set, [])).toHaveLength(3 + 1)
  })
})
