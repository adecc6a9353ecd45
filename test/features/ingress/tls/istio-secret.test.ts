import {expect, test} from 'vitest'
import {readTlsSecret} from '../../../../src/features/ingress/tls/istio-secret.ts'
import {secret} from './samples.ts'

const generic = {cert: 'C', key: 'K'}
const typed = {'tls.crt': 'C', 'tls.key': 'K'}

test.each([
  ['generic keys', secret('s', generic), undefined, ['cert', 'key', undefined]],
  ['typed keys', secret('s', {...typed, 'ca.crt': 'A'}), undefined, ['tls.crt', 'tls.key', 'ca.crt']],
  ['generic keys before typed keys', secret('s', {...typed, ...generic}), undefined, ['cert', 'key', undefined]],
  ['CA of NAME-cacert', secret('s', typed), secret('s-cacert', {cacert: 'A'}), ['tls.crt', 'tls.key', 'cacert']],
])('%s', (_name, object, cacert, keys) => {
  const tls = readTlsSecret(object, cacert)
  expect([tls?.cert.key, tls?.key.key, tls?.ca?.key]).toEqual(keys)
})

test('a Secret without a complete pair is not read', () => {
  expect(readTlsSecret(secret('s', {cert: 'C', 'tls.key': 'K'}))).toBeUndefined()
})
