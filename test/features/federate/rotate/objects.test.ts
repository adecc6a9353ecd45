import {expect, test} from 'vitest'
import {
  buildNextToken,
  buildRemoteSecretWith,
  buildRevocation,
  withToken,
} from '../../../../src/features/federate/rotate/objects.ts'
import {names} from '../../../../src/istio/names.ts'
import {remoteSecret} from '../../../mesh/samples.ts'
import {eastAndWest, kubeconfig, onlyPair, tokenSecret} from './samples-pair.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')

test('the new token has the other name of the two', () => {
  expect(buildNextToken(onlyPair(eastAndWest()), 'istio-system')).toMatchObject({
    cluster: 'west',
    object: {metadata: {name: 'istio-remote-token2-east'}, type: 'kubernetes.io/service-account-token'},
  })
  const second = onlyPair(eastAndWest({secretName: 'istio-remote-token2-east'}))
  expect(buildNextToken(second, 'istio-system').object.metadata.name).toBe('istio-remote-token3-east')
})

test('a token with a lifetime is bound to another kind of Secret', () => {
  const pair = onlyPair(eastAndWest(), {credentialDuration: 3_600_000})
  expect(buildNextToken(pair, 'istio-system').object).toMatchObject({
    metadata: {name: 'istio-remote-bound-token-east'},
    type: 'kubectl-mesh.io/bound-token',
  })
})

test('only the key of the target changes', () => {
  const pair = onlyPair(eastAndWest())
  const own = remoteSecret('istio-remote-secret-west', {west: kubeconfig('old')})
  expect(buildRemoteSecretWith(pair, own, 'new')).toMatchObject([
    {cluster: 'east', object: {metadata: {name: 'istio-remote-secret-west'}, data: {west: base64('new')}}},
  ])
  const bundle = remoteSecret(names.bundledSecret, {north: 'bytes of north\n', west: kubeconfig('old')})
  expect(buildRemoteSecretWith(pair, bundle, 'new')).toMatchObject([
    {object: {data: {north: base64('bytes of north\n'), west: base64('new')}}},
  ])
})

test('only the token in the kubeconfig changes', () => {
  expect(withToken(kubeconfig('a.b.c'), 'a.b.c', 'd.e.f')).toBe(kubeconfig('d.e.f'))
  expect(withToken(kubeconfig('a.b.c'), 'x.y.z', 'd.e.f')).toBeUndefined()
  expect(withToken('west west', 'west', 'd')).toBeUndefined()
})

test('a revocation deletes only the Secret with the UID', () => {
  expect(buildRevocation(onlyPair(eastAndWest()), tokenSecret('t', 'old'))).toMatchObject({
    action: 'remove',
    cluster: 'west',
    target: {name: 't'},
    uid: 'uid-t',
  })
})
