import {expect, test} from 'vitest'
import type {Change} from '../../../../src/engine/kubernetes/change.ts'
import {buildHome, buildTarget} from '../../../../src/features/addon/connect/objects.ts'
import type {HeldCredential} from '../../../../src/mesh/credential.ts'
import {kialiDeployment, kialiToken} from '../../../mesh/kiali/samples.ts'

const naming = {peer: 'east', bound: false, reader: 'kiali' as const}
const credential = (more: Partial<HeldCredential> = {}): HeldCredential => ({
  ...{target: 'west', kubeconfig: 'text', adopted: false, naming},
  ...more,
})
const nameOf = (change: Change) =>
  change.action === 'apply'
    ? change.object.metadata.name
    : `${change.action} ${change.target.name}${'uid' in change ? ` ${change.uid}` : ''}`

const target = (one: HeldCredential, objects: ReturnType<typeof kialiToken>[] = []) =>
  buildTarget({cluster: 'west', credential: one}, {membership: {objects}}, 'east', 'istio-system').map(nameOf)

test('a cluster gets a record, an account and a token', () => {
  expect(target(credential())).toEqual([
    ...['kubectl-mesh-kiali-access', 'kiali-remote-access', 'kiali-remote-access-istio-system'],
    ...['kiali-remote-access-istio-system', 'kiali-remote-token-east'],
  ])
})

test('a former token of the same Kiali is revoked, those of others stay', () => {
  const rotated = credential({naming: {...naming, slot: '2'}})
  expect(target(rotated, [kialiToken('east'), kialiToken('south')]).slice(4)).toEqual([
    'kiali-remote-token2-east',
    'remove kiali-remote-token-east uid-kiali-remote-token-east',
  ])
})

test('for a working Secret of another owner, nothing is created', () => {
  expect(target(credential({adopted: true}))).toEqual([])
  expect(
    buildHome(
      {cluster: 'east', deployment: kialiDeployment()},
      [{cluster: 'west', credential: credential({adopted: true})}],
      'istio-system',
    ),
  ).toEqual([])
})

test('Kiali gets Secrets and mounts, unless a tool manages it', () => {
  const all = [{cluster: 'west', credential: credential()}]
  const deployment = kialiDeployment()
  const helm = {
    ...deployment,
    metadata: {
      ...deployment.metadata,
      labels: {app: 'kiali', 'app.kubernetes.io/managed-by': 'Helm'},
      annotations: {'meta.helm.sh/release-name': 'kiali'},
    },
  }
  const secrets = ['kubectl-mesh-kiali-access', 'kiali-remote-cluster-secret-west']
  expect(buildHome({cluster: 'east', deployment}, all, 'istio-system').map(nameOf)).toEqual([...secrets, 'edit kiali'])
  expect(buildHome({cluster: 'east', deployment: helm}, all, 'istio-system').map(nameOf)).toEqual(secrets)
})
