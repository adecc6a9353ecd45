import {expect, test} from 'vitest'
import {buildRenewedCa} from '../../../../src/features/ca/change/objects.ts'
import {readCaSecret} from '../../../../src/mesh/ca/objects.ts'

const ca = {caCert: 'own\n', caKey: 'key\n', rootCert: 'root\n', certChain: 'own\nroot\n'}

test('the trusted roots keep their bytes', () => {
  const data = {'root-cert.pem': '# comment\nroot\n', 'ca-cert.pem': 'former\n'}
  const change = buildRenewedCa({name: 'east', systemNamespace: 'mesh-a', data}, ca)
  expect(change).toMatchObject({action: 'apply', cluster: 'east', stays: true})
  expect(change.object.metadata).toMatchObject({name: 'cacerts', namespace: 'mesh-a'})
  expect(readCaSecret(change.object)).toEqual({
    'ca-cert.pem': 'own\n',
    'ca-key.pem': 'key\n',
    'cert-chain.pem': 'own\nroot\n',
    'root-cert.pem': '# comment\nroot\n',
  })
})
