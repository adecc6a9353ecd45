import {describe, expect, test} from 'vitest'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {removalChecks} from '../../../../src/features/federate/remove/checks.ts'
import {federationRemoveFields} from '../../../../src/features/federate/remove/spec.ts'
import type {RemovalCluster} from '../../../../src/features/federate/remove/subject.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {sharedTokenName} from '../../../../src/istio/names.ts'
import type {FederationFacts} from '../../../../src/mesh/facts.ts'
import {resolveMember} from '../../../../src/mesh/members.ts'
import {remoteRecordData} from '../../../../src/mesh/record.ts'
import {readSpec} from '../../../../src/spec/read.ts'
import {member, remoteSecret} from '../../../mesh/samples.ts'

const reached = (name: string, facts: Partial<FederationFacts> = {}): RemovalCluster => ({member: member(name, facts)})

const gone = (name: string): RemovalCluster => ({
  member: resolveMember({clusterName: {}, revision: undefined}, name, undefined),
  error: new Error('connect ECONNREFUSED'),
})

/** A remote Secret, which kubectl-mesh created. */
function holding(...targets: string[]) {
  const kubeconfig = JSON.stringify({
    clusters: [{name: 'c', cluster: {server: 'https://c.test'}}],
    contexts: [{name: 'c', context: {cluster: 'c', user: 'c'}}],
    users: [{name: 'c', user: {token: 't'}}],
    'current-context': 'c',
  })
  const remoteSecrets = [remoteSecret('s', Object.fromEntries(targets.map(target => [target, kubeconfig])))]
  return {remoteSecrets, created: remoteSecrets}
}

function recordOf(primary: string | undefined): Partial<FederationFacts> {
  const data = remoteRecordData({primary, ownsAnnotation: true, pilotAddress: undefined, singleNetwork: false})
  return {record: {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data}}
}

function tokenSecret(name: string, peer?: string): KubernetesObject {
  const annotations: Record<string, string> = peer === undefined ? {} : {'kubectl-mesh.io/peer': peer}
  return {apiVersion: 'v1', kind: 'Secret', metadata: {name, annotations}}
}

/** All findings up to the first stage with an error: `LEVEL CHECK: MESSAGE`. */
function found(leaving: RemovalCluster[], staying: RemovalCluster[], raw: object = {}): string[] {
  const spec = readSpec(federationRemoveFields, raw)
  const findings: string[] = []
  for (const checks of removalChecks) {
    const all = runChecks(checks, {spec, staying, leaving})
    findings.push(
      ...all.map(one => `${one.level} ${one.check}: ${one.cluster ? `${one.cluster}: ` : ''}${one.message}`),
    )
    if (all.some(({level}) => level === 'error')) break
  }
  return findings
}

test('clusters that know only each other: no findings', () =>
  expect(found([reached('west', holding('east'))], [reached('east', holding('west'))])).toEqual([]))

describe('findings', () => {
  test.each<[string, RemovalCluster[], RemovalCluster[], string[], object?]>([
    ['a leaving cluster is not reachable', [gone('west')], [], ['error reachable: west: connect ECONNREFUSED']],
    [
      'a leaving cluster may be unreachable',
      [gone('west')],
      [reached('east', holding('west'))],
      [],
      {unreachableOk: true},
    ],
    [
      'nothing is found',
      [reached('west')],
      [reached('east', holding('north'))],
      [
        'error found: west: no federation found; searched ConfigMap kubectl-mesh-federation, remote Secrets and tokens in namespace istio-system of west, east',
      ],
    ],
    [
      'nothing is found of a cluster that is not reachable',
      [gone('west')],
      [],
      [
        'error found: west: no federation found; searched ConfigMap kubectl-mesh-federation, remote Secrets and tokens in no cluster',
      ],
      {unreachableOk: true},
    ],
    [
      'the holder of a token is not named',
      [reached('west', {...holding('east'), created: [tokenSecret('istio-remote-token-north', 'north')]})],
      [reached('east', holding('west'))],
      [
        'warning unnamed-peers: west stays registered in north',
        'warning foreign-credentials: west: Secret s, which kubectl-mesh did not create, registers east; the Secret is removed',
      ],
    ],
    [
      'a staying cluster must be reachable',
      [reached('west')],
      [gone('east')],
      ['error reachable: east: connect ECONNREFUSED'],
      {unreachableOk: true},
    ],
    [
      'a primary leaves, and its remote cluster stays',
      [reached('east', {...recordOf(undefined), ...holding('west')})],
      [reached('west', recordOf('east'))],
      ['error primary-and-remotes: east is the primary of west, which would be left without a control plane'],
    ],
    [
      'a primary leaves that is not reachable',
      [gone('east')],
      [reached('west', recordOf('east'))],
      ['error primary-and-remotes: east is the primary of west, which would be left without a control plane'],
      {unreachableOk: true},
    ],
    [
      'a primary leaves, and its remote cluster is not named',
      [reached('east', {...recordOf(undefined), ...holding('west')})],
      [],
      ['error primary-and-remotes: east is the primary of west, which would be left without a control plane'],
    ],
    [
      'a primary leaves together with its remote cluster',
      [reached('east', {...recordOf(undefined), ...holding('west')}), reached('west', recordOf('east'))],
      [],
      [],
    ],
    [
      'peers that are not named',
      [reached('west', holding('east', 'south')), reached('north', holding('south'))],
      [reached('east', holding('west', 'north'))],
      ['warning unnamed-peers: west, north stay registered in south'],
    ],
    [
      'a remote Secret without the address of a server',
      [reached('west', {created: [tokenSecret('t', 'east')], remoteSecrets: [remoteSecret('s', {notes: 'my notes'})]})],
      [reached('east')],
      [],
    ],
    [
      'the primary of a remote cluster is not named',
      [reached('west', recordOf('east'))],
      [],
      ['warning unnamed-peers: west stays registered in east'],
    ],
    [
      'a shared token',
      [reached('west', holding('east'))],
      [reached('east', {created: [tokenSecret(sharedTokenName)]})],
      [
        'warning shared-tokens: east: the token that west may hold stays valid, because all clusters share it (bundled credentials)',
      ],
    ],
    [
      'remote Secrets of other owners',
      [reached('west', {...holding('east', 'third'), created: []})],
      [reached('east', {...holding('west'), created: []})],
      [
        'warning unnamed-peers: west stays registered in third',
        'warning foreign-credentials: east: Secret s, which kubectl-mesh did not create, registers west; the Secret is removed',
        'warning foreign-credentials: west: Secret s, which kubectl-mesh did not create, registers east; the key east is removed',
      ],
    ],
    [
      'a remote Secret under the UID of kube-system, as of istioctl without --name',
      [reached('west')],
      [reached('east', {...holding('uid-west'), created: []})],
      [
        'warning foreign-credentials: east: Secret s, which kubectl-mesh did not create, registers west as uid-west; the Secret is removed',
      ],
    ],
  ])('%s', (_, leaving, staying, expected, raw) => expect(found(leaving, staying, raw)).toEqual(expected))
})

describe('a cluster that is not reachable has the expected name', () => {
  test.each<[string, Partial<FederationFacts>]>([
    ['a remote Secret', holding('west')],
    ['a token for it', {created: [tokenSecret('t', 'west')]}],
  ])('by %s', (_, facts) => expect(found([gone('west')], [reached('east', facts)], {unreachableOk: true})).toEqual([]))
})
