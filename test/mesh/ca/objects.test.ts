import {expect, test} from 'vitest'
import {buildCaSecret, readCaSecret} from '../../../src/mesh/ca/objects.ts'
import {caData} from '../../../src/pki/ca-certs.ts'

const ca = {caCert: 'own\n', caKey: 'key\n', rootCert: 'root\n', certChain: 'own\nroot\n'}

test('the Secret that istiod reads', () => {
  expect(buildCaSecret(ca, 'east', 'mesh-a')).toEqual({
    action: 'apply',
    cluster: 'east',
    wave: 20,
    stays: true,
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'cacerts',
        namespace: 'mesh-a',
        labels: {'app.kubernetes.io/managed-by': 'kubectl-mesh', 'app.kubernetes.io/part-of': 'istio'},
      },
      type: 'Opaque',
      data: {
        'ca-cert.pem': 'b3duCg==',
        'ca-key.pem': 'a2V5Cg==',
        'cert-chain.pem': 'b3duCnJvb3QK',
        'root-cert.pem': 'cm9vdAo=',
      },
    },
  })
})

test('it reads back as it was written', () => {
  expect(readCaSecret(buildCaSecret(ca, 'east', 'mesh-a').object)).toEqual(caData(ca))
})

test('a Secret without data', () => {
  expect(readCaSecret({apiVersion: 'v1', kind: 'Secret', metadata: {name: 'cacerts'}})).toEqual({})
})
