import {describe, expect, test} from 'vitest'
import {peerAnnotation} from '../../../src/engine/kubernetes/labels.ts'
import {unlinkedClusters, unlinkedWarning} from '../../../src/features/federate/report-links.ts'
import type {FederationFacts} from '../../../src/mesh/facts.ts'
import type {MeshMember} from '../../../src/mesh/members.ts'
import {remoteKubeconfig} from '../../../src/mesh/objects-remote-secret.ts'
import {member, remoteSecret} from '../../mesh/samples.ts'
import {primaryAndRemote} from '../../mesh/samples-remote.ts'

const kubeconfig = (target: string) =>
  remoteKubeconfig({target, server: 'https://x', certificateAuthority: undefined, tlsServerName: undefined, token: 't'})

/** A cluster that holds a credential for each of the others. */
function holder(name: string, others: string[], more: Partial<FederationFacts> = {}) {
  const secret = remoteSecret('s', Object.fromEntries(others.map(other => [other, kubeconfig(other)])))
  return member(name, {remoteSecrets: [secret], ...more})
}

/** eu and us joined, then eu and sa. */
const [eu, sa] = [holder('eu', ['us', 'sa']), holder('sa', ['eu'])]
const token = {apiVersion: 'v1', kind: 'Secret', metadata: {name: 't', annotations: {[peerAnnotation]: 'us'}}}

/** The result for one cluster. */
const unlinkedWith = (name: string, ...all: MeshMember[]) => unlinkedClusters(all).get(name) ?? []
const rowsOf = (...all: MeshMember[]) => [...unlinkedClusters(all)].map(([cluster, unlinked]) => ({cluster, unlinked}))

describe('clusters outside the run that a cluster is not linked with', () => {
  test('the new cluster and the one that joined before', () => {
    expect(unlinkedWith('sa', eu, sa)).toEqual(['us'])
    expect(unlinkedWith('eu', eu, sa)).toEqual([])
  })

  test('a token for it is a link, also of the cluster that knows it', () => {
    expect(unlinkedWith('sa', eu, holder('sa', ['eu'], {created: [token]}))).toEqual([])
    expect(unlinkedWith('sa', holder('eu', ['sa'], {created: [token]}), sa)).toEqual(['us'])
  })

  test('a key that is not a kubeconfig is no cluster', () =>
    expect(unlinkedWith('sa', member('eu', {remoteSecrets: [remoteSecret('s', {notes: 'my notes'})]}), sa)).toEqual([]))

  test('none in the other modes, and without facts', () => {
    const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'r'}, data: {mode: 'gateways'}}
    expect(unlinkedWith('sa', holder('eu', ['us', 'sa'], {record}), sa)).toEqual([])
    const {all} = primaryAndRemote({east: {remoteSecrets: [remoteSecret('s', {us: kubeconfig('us')})]}})
    expect(all.map(({cluster}) => unlinkedWith(cluster, ...all))).toEqual([[], []])
    expect(unlinkedWith('sa', eu, {...sa, facts: undefined})).toEqual([])
  })
})

test('the warning names the pairs and the command', () => {
  const command = (outside: readonly string[]) => `kubectl mesh federate --contexts eu,sa,${outside.join(',')}`
  expect(unlinkedWarning(rowsOf(eu, sa), command)).toEqual([
    'warning: 1 pair of clusters in the mesh is not linked: sa and us',
    'hint:    to link all clusters: kubectl mesh federate --contexts eu,sa,us',
  ])
  expect(unlinkedWarning(rowsOf(holder('eu', ['sa']), sa), command)).toEqual([])
})
