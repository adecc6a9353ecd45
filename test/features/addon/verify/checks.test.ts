import {expect, test} from 'vitest'
import {kialiChecks} from '../../../../src/features/addon/verify/checks.ts'
import type {KialiCredential} from '../../../../src/features/addon/verify/read.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {kialiMount} from '../../../../src/istio/kiali.ts'
import {kialiDeployment, kialiSecret} from '../../../mesh/kiali/samples.ts'

const {volume, mount} = kialiMount('kiali-remote-cluster-secret-west')
const credential = (more: Partial<KialiCredential> = {}): KialiCredential => ({
  ...{target: 'west', secret: kialiSecret('west'), isComplete: true, answer: 'reads'},
  ...more,
})

function findings(
  credentials: KialiCredential[],
  members = ['east', 'west'],
  deployment = kialiDeployment([volume], [mount]),
) {
  const subject = {kialis: [{cluster: 'east', deployment, credentials}], members}
  return runChecks(kialiChecks, subject).map(({check, level, message}) => `${level} ${check}: ${message}`)
}

const secret = 'Secret kiali-remote-cluster-secret-west in namespace obs'

test.each([
  ['everything works', [credential()], []],
  ['no credential', [], ['warning kiali-reads: Kiali in namespace obs has no credential for west']],
  [
    'a kubeconfig without a token',
    [credential({isComplete: false, answer: undefined})],
    [`error kiali-credential: ${secret} has no server or no token, so that Kiali does not load it`],
  ],
  [
    'a revoked token',
    [credential({answer: 'rejected'})],
    [`error kiali-credential: ${secret} contains a token that the API server of west rejects`],
  ],
  [
    'a token without permissions',
    [credential({answer: 'denied'})],
    [`error kiali-credential: ${secret} contains a token without the permission to read west`],
  ],
])('%s', (_name, credentials, expected) => {
  expect(findings(credentials)).toEqual(expected)
})

test('a Secret that is not mounted', () => {
  expect(findings([credential()], ['east', 'west'], kialiDeployment())).toEqual([
    `error kiali-mounted: ${secret} is not mounted by Deployment kiali, so that Kiali does not read it`,
  ])
})

test('a Secret for a cluster that is not in the mesh', () => {
  expect(findings([credential({answer: undefined})], ['east'])).toEqual([
    `warning kiali-cluster: ${secret} is for west, which is no cluster of this mesh`,
  ])
})
