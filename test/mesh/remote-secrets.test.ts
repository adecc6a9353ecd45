import {expect, test} from 'vitest'
import {partOfLabel} from '../../src/engine/kubernetes/applyset.ts'
import {credentialsIn, isBundle, remoteClusterOf} from '../../src/mesh/remote-secrets.ts'
import {remoteSecret} from './samples.ts'

test('credentialsIn returns one credential per key of each Secret', () => {
  const ours = remoteSecret('b', {constructor: 'three'})
  const replaced = {...ours, metadata: {...ours.metadata, uid: 'of an earlier object'}}
  const remoteSecrets = [
    remoteSecret('a', {west: 'one', south: 'two'}),
    ours,
    {...remoteSecret('c', {}), data: undefined},
    remoteSecret('labelled', {north: 'four'}, {[partOfLabel]: 'x'}),
  ]
  expect(credentialsIn({remoteSecrets, created: [replaced]}).every(credential => !credential.ours)).toBe(true)
  expect(
    credentialsIn({remoteSecrets, created: [ours]}).map(({target, kubeconfig, ours}) => [target, kubeconfig, ours]),
  ).toEqual([
    ['west', 'one', false],
    ['south', 'two', false],
    ['constructor', 'three', true],
    ['north', 'four', false],
  ])
})

test('remoteClusterOf returns the annotation, otherwise the only key', () => {
  const annotated = remoteSecret('a', {x: '', y: ''})
  annotated.metadata.annotations = {'networking.istio.io/cluster': 'west'}
  const others = [remoteSecret('b', {south: ''}), remoteSecret('c', {x: '', y: ''}), remoteSecret('d', {})]
  expect([annotated, ...others].map(remoteClusterOf)).toEqual(['west', 'south', undefined, undefined])
})

test('isBundle is true for the bundled Secret only', () => {
  expect(isBundle(remoteSecret('istio-remote-secrets', {}))).toBe(true)
  expect(isBundle(remoteSecret('istio-remote-secret-west', {}))).toBe(false)
})
