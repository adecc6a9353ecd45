import {expect, test} from 'vitest'
import {joinedCredentialChecks} from '../../../../src/features/federate/joined/checks-credentials.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {subject} from '../preflight/samples.ts'

const rejected = {
  ...{holder: 'east', target: 'west', secret: 'istio-remote-secret-west'},
  ...{server: 'https://west.example:6443', error: 'SELF_SIGNED_CERT_IN_CHAIN'},
}

test('a remote Secret that does not verify its server is a finding of the cluster that holds it', () => {
  expect(runChecks(joinedCredentialChecks, {...subject({}), rejectedServers: [rejected]})).toMatchObject([
    {
      ...{level: 'error', check: 'server-certificate', cluster: 'east'},
      message:
        'the certificate authority in Secret istio-remote-secret-west does not verify https://west.example:6443, the API server of west (SELF_SIGNED_CERT_IN_CHAIN): istiod cannot connect to it',
    },
  ])
  expect(runChecks(joinedCredentialChecks, subject({}))).toEqual([])
})
