import {expect, test} from 'vitest'
import {credentialChecks} from '../../../../src/features/federate/preflight/checks-credentials.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {remoteSecret} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {subject, testCases} from './samples.ts'

testCases(credentialChecks, cases)

test.each([
  ['for the address that a new one would have', 'https://east.example:6443', 0],
  ['for another address', 'https://other.example:6443', 1],
])('a Secret that is not ours, %s', (_, server, findings) => {
  const kubeconfig = remoteKubeconfig({
    target: 'east',
    server,
    certificateAuthority: 'CA\n',
    tlsServerName: undefined,
    token: 'T',
  })
  const given = subject({west: {remoteSecrets: [remoteSecret('by-hand', {east: kubeconfig})]}})
  expect(runChecks(credentialChecks, given)).toHaveLength(findings)
})

test.each(['by-hand', 'istio-remote-secret-east'])('the Secret %s that istiod rejects is a finding', name => {
  const kubeconfig = remoteKubeconfig({
    target: 'east',
    server: 'https://east.example:6443',
    certificateAuthority: 'CA\n',
    tlsServerName: undefined,
    token: 'T',
  }).replace('token: T', 'token: T\n    exec: {command: /bin/sh}')
  const given = subject({west: {remoteSecrets: [remoteSecret(name, {east: kubeconfig})]}})
  expect(runChecks(credentialChecks, given)).toMatchObject([
    {level: 'error', cluster: 'west', message: `Secret ${name} for east sets exec, which istiod rejects`},
  ])
})
