import {expect, test} from 'vitest'
import {multiClusterLabel} from '../../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import type {Step} from '../../../../src/engine/plan/plan.ts'
import {
  credentialOf,
  readCredentialOrigin,
  registeredBy,
  secretRefOf,
} from '../../../../src/features/files/render/objects-secrets.ts'
import type {SecretChoice} from '../../../../src/features/files/render/spec-secrets.ts'
import {configMap, creates, secret, updates} from '../../../terminal/output/steps.ts'

const object = secret('shop', {'tls.key': 'opensesame'})
const live = {...object, metadata: {...object.metadata, uid: 'u1', resourceVersion: '7'}}
const unchanged = updates(live, object, 'unchanged')
const sops: SecretChoice = {mode: 'sops', decryptionSecret: undefined}
const external: SecretChoice = {mode: 'external-secrets', store: {kind: 'ClusterSecretStore', name: 'vault'}}
const of = (step: Step, secrets: SecretChoice, one: KubernetesObject = object) =>
  credentialOf({wave: 40, object: one}, step, {document: 'shop', cluster: 'east'}, secrets)

test('nothing by default', () => expect(of(unchanged, {mode: 'none'})).toBeUndefined())

test('sops encrypts what the cluster has, and records which Secret that was', () => {
  expect(of(unchanged, sops)).toEqual({wave: 40, object, credential: {mode: 'sops', source: 'u1/7'}})
  expect(of(creates(object), sops)).toBeUndefined()
  expect(of(updates(live, object), sops)).toBeUndefined()
})

test('an ExternalSecret does not depend on what the cluster has', () => {
  const reference = of(creates(object), external)
  expect(reference).toMatchObject({object: {kind: 'ExternalSecret'}, credential: {mode: 'external-secrets'}})
  expect(of(unchanged, external)).toEqual(reference)
})

test.each([sops, external])('tokens of accounts and the CA stay outside of Git: $mode', secrets => {
  const token = {...object, type: 'kubernetes.io/service-account-token'}
  expect(of(unchanged, secrets, token)).toBeUndefined()
  const change = {...unchanged.change, stays: true} as Step['change']
  expect(of({...unchanged, change}, secrets)).toBeUndefined()
})

test('the origin in a file', () => {
  expect(readCredentialOrigin({mode: 'sops', source: 'u1/7', more: 1})).toEqual({mode: 'sops', source: 'u1/7'})
  expect(readCredentialOrigin({mode: 'external-secrets', source: 1})).toEqual({mode: 'external-secrets'})
  for (const value of [undefined, 'sops', {}, {mode: 'none'}]) expect(readCredentialOrigin(value)).toBeUndefined()
})

test('the Secret and the clusters behind an object of a render', () => {
  const remote = secret('remote', {east: 'x', north: 'y'}, {labels: {[multiClusterLabel]: 'true'}})
  expect(registeredBy(remote)).toEqual(['east', 'north'])
  const {data, metadata, ...rest} = remote
  const reference = {
    ...rest,
    kind: 'ExternalSecret',
    metadata: {...metadata, labels: {}},
    spec: {target: {template: {data, metadata}}},
  }
  expect(registeredBy(reference)).toEqual(['east', 'north'])
  expect(secretRefOf(reference)).toEqual({apiVersion: 'v1', kind: 'Secret', namespace: 'istio-system', name: 'remote'})
  for (const other of [object, configMap('a', {east: ''}), {...reference, spec: null}])
    expect(registeredBy(other)).toEqual([])
})
