import {expect, test} from 'vitest'
import {buildIngressTls, type IngressTlsHost, tlsSecretName} from '../../../../src/features/ingress/tls/objects.ts'
import {frozen} from '../../../engine/kubernetes/samples.ts'
import {expectGolden, textOfChanges} from '../../../support/golden.ts'

const tls: IngressTlsHost = {
  cluster: 'east',
  host: 'shop.example.com',
  namespace: 'istio-ingress',
  selector: {istio: 'ingressgateway'},
  controlPlane: {isTenant: false, revision: undefined},
  secret: {certificate: 'CERT', key: 'KEY', ca: undefined},
  mutual: false,
  redirect: false,
  systemNamespace: 'istio-system',
  record: {settings: '{}'},
}

test.each<[string, Partial<IngressTlsHost>]>([
  ['tls-simple', {}],
  [
    'tls-mutual',
    {
      mutual: true,
      controlPlane: {isTenant: false, revision: '1-30'},
      secret: {certificate: 'CERT', key: 'KEY', ca: 'CA'},
    },
  ],
  ['tls-secret-redirect', {host: '*.example.com', redirect: true, secret: {name: 'theirs'}}],
])('golden: %s', async (name, more) => {
  const input = frozen({...tls, ...more})
  await expectGolden(`ingress/${name}.yaml`, textOfChanges(buildIngressTls(input)))
})

test('only the Gateway of a tenant carries the label of its revision', () => {
  const changes = buildIngressTls({...tls, controlPlane: {isTenant: true, revision: 't1'}})
  expect(textOfChanges(changes)).toContain('istio.io/rev: t1')
})

test('the Secret of a wildcard host has a valid name', () => {
  expect(tlsSecretName('*.example.com')).toBe('wildcard---example-com-tls')
})
