import {expect, test} from 'vitest'
import type {Change} from '../../../src/engine/kubernetes/change.ts'
import type {KubernetesObject} from '../../../src/engine/kubernetes/object.ts'
import {kialiMount} from '../../../src/istio/kiali.ts'
import {buildKialiCleanup} from '../../../src/mesh/kiali/objects-cleanup.ts'
import {account, created, kialiDeployment, kialiSecret, kialiToken} from './samples.ts'

const place = {cluster: 'east', systemNamespace: 'istio-system'}
const parent = created('ConfigMap', 'kubectl-mesh-kiali-access', {}, 'istio-system')

function cleanup(
  objects: KubernetesObject[],
  others: readonly string[] | 'all',
  record: typeof parent | null = parent,
) {
  const {volume, mount} = kialiMount('kiali-remote-cluster-secret-west')
  const deployments = [kialiDeployment([volume], [mount])]
  return buildKialiCleanup(place, {membership: {objects, parent: record ?? undefined}, deployments}, others).map(textOf)
}

function textOf(change: Change): string {
  if (change.action === 'remove') return `- ${change.target.kind}/${change.target.name} ${change.uid ?? ''}`.trim()
  return `${change.action} ${change.action === 'edit' ? change.target.name : ''}`
}

test('a cluster that stays loses the Secret for one that leaves, with its mount, and and keeps the rest', () => {
  expect(cleanup([kialiSecret('west'), kialiSecret('south')], ['west'])).toEqual([
    'edit kiali',
    '- Secret/kiali-remote-cluster-secret-west uid-kiali-remote-cluster-secret-west',
  ])
})

test('the account stays while another Kiali has a token', () => {
  const objects = [...account, kialiToken('west'), kialiToken('south')]
  expect(cleanup(objects, ['west'])).toEqual(['- Secret/kiali-remote-token-west uid-kiali-remote-token-west'])
})

test('the last token takes the account and the record with it', () => {
  expect(cleanup([...account, kialiToken('west')], ['west'])).toEqual([
    '- Secret/kiali-remote-token-west uid-kiali-remote-token-west',
    '- ServiceAccount/kiali-remote-access uid-kiali-remote-access',
    '- ClusterRole/kiali-remote-access-istio-system uid-kiali-remote-access-istio-system',
    '- ClusterRoleBinding/kiali-remote-access-istio-system uid-kiali-remote-access-istio-system',
    '- ConfigMap/kubectl-mesh-kiali-access',
  ])
})

test('a cluster that leaves loses everything', () => {
  const removed = cleanup([...account, kialiToken('x'), kialiSecret('west')], 'all')
  expect(removed).toHaveLength(7)
  expect(removed.at(-1)).toBe('- ConfigMap/kubectl-mesh-kiali-access')
})

test('a cluster without a connection to those that leave stays as it is', () => {
  expect(cleanup([kialiSecret('west')], ['north'])).toEqual([])
  expect(cleanup([], ['west'], null)).toEqual([])
})

test('a record that lists nothing any more is removed', () => {
  expect(cleanup([], ['west'])).toEqual(['- ConfigMap/kubectl-mesh-kiali-access'])
})
