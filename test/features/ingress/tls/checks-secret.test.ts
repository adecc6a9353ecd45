import {expect, test} from 'vitest'
import {secretFindings} from '../../../../src/features/ingress/tls/checks-secret.ts'
import {caExtensions, ecKey, makeCertificate} from '../../../pki/support.ts'
import {secret} from './samples.ts'

const key = ecKey()
const certificate = makeCertificate({key, subject: '/CN=a', extensions: ['subjectAltName=DNS:a.example.com'], days: 90})
const ca = makeCertificate({key: ecKey(), subject: '/CN=ca', extensions: caExtensions})
const pair = {'tls.crt': certificate, 'tls.key': key}
const use = {hosts: ['a.example.com'], mutual: false, now: new Date()}

test.each([
  ['a valid pair', secret('s', pair), undefined, use, []],
  ['no pair', secret('s', {'tls.crt': certificate}), undefined, use, [/^S has neither the keys tls\.crt and tls\.key/]],
  ['another host', secret('s', pair), undefined, {...use, hosts: ['b.example.com']}, [/CN=a is not valid for b/]],
  ['no client CA', secret('s', pair), undefined, {...use, mutual: true}, [/^S has no ca\.crt/]],
  ['a client CA in NAME-cacert', secret('s', pair), secret('s-cacert', {cacert: ca}), {...use, mutual: true}, []],
])('%s', (_name, object, cacert, given, messages) => {
  const found = secretFindings('S', object, cacert, given).map(({message}) => message)
  expect(found).toEqual(messages.map(message => expect.stringMatching(message)))
})
