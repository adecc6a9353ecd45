import {expect, test} from 'vitest'
import {credentialChecks} from '../../../../src/features/federate/preflight/checks-credentials.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {remoteSecret} from '../../../mesh/samples.ts'
import {cases} from './cases.ts'
import {subject, testCases} from './samples.ts'

const kubeconfigFor = (server: string, target = 'east') =>
  remoteKubeconfig({...{target, server}, certificateAuthority: 'CA\n', tlsServerName: undefined, token: 'T'})
const registers = (key: string, server: string, secret = 'istio-remote-secret-east') =>
  runChecks(credentialChecks, subject({west: {remoteSecrets: [remoteSecret(secret, {[key]: kubeconfigFor(server)})]}}))

testCases(credentialChecks, cases)

test.each([
  ['the UID of kube-system', 'uid-east', 'https://private.example:6443'],
  ['another name, at the same address', 'old-east', 'https://east.example:6443'],
])('a cluster that another Secret registers under %s would be read twice', (_, key, server) => {
  expect(registers(key, server, 'by-istioctl')).toMatchObject([
    {
      level: 'error',
      cluster: 'west',
      message: `Secret by-istioctl registers east already, as ${key}; istiod would read the cluster twice`,
      hints: ['kubectl --context west -n istio-system delete secret by-istioctl', 'then run this command again'],
    },
  ])
})

test('a Secret for a cluster outside the run is no finding', () => {
  expect(registers('north', 'https://north.example:6443')).toEqual([])
})

test('for a Secret of another owner that leads to a private endpoint, both addresses are reported', () => {
  expect(registers('east', 'https://private.example:6443')).toMatchObject([
    {
      message:
        'Secret istio-remote-secret-east of another owner registers east at https://private.example:6443; this run would register it at https://east.example:6443',
      hints: [
        '--server east=https://private.example:6443 keeps this address',
        'or kubectl --context west -n istio-system delete secret istio-remote-secret-east',
      ],
    },
  ])
})

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
