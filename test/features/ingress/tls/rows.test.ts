import {expect, test} from 'vitest'
import {certificateFindings, certificateRow} from '../../../../src/features/ingress/tls/rows.ts'
import {ecKey, makeCertificate} from '../../../pki/support.ts'
import {secret} from './samples.ts'

const key = ecKey()
const certificate = makeCertificate({key, subject: '/CN=a', extensions: ['subjectAltName=DNS:a.example.com'], days: 90})
const secrets = new Map([['edge/s', secret('s', {'tls.crt': certificate, 'tls.key': key})]])
const served = {
  gateway: 'apps/g',
  hosts: ['a.example.com'],
  port: 443,
  mode: 'SIMPLE',
  secret: {namespace: 'edge' as string | undefined, name: 's'},
  unread: undefined as {label: string; revisions: string[]} | undefined,
}
const now = new Date()

test('a row shows the certificate of the Secret', () => {
  expect(certificateRow(served, secrets, now)).toMatchObject({secret: 'edge/s', subject: 'CN=a', issuer: 'CN=a'})
  expect(certificateRow(served, new Map(), now)).toMatchObject({secret: 'edge/s', subject: undefined})
})

test.each([
  ['a valid certificate', served, []],
  ['any certificate for the host *', {...served, hosts: ['*']}, []],
  [
    'another host',
    {...served, hosts: ['b.example.com']},
    [/^error certificate: Gateway apps\/g: CN=a is not valid for/],
  ],
  [
    'a Gateway with the label of another revision',
    {...served, unread: {label: '1-30', revisions: ['1-31']}},
    [
      /^error revision: Gateway apps\/g is labelled istio.io\/rev=1-30; its gateway pods run revision 1-31, which does not/,
    ],
  ],
  [
    'a missing Secret',
    {...served, secret: {namespace: 'edge', name: 'x'}},
    [/^error secret: Gateway apps\/g: Secret edge\/x does not exist \(IST0101\)/],
  ],
  [
    'a selector that matches no pods',
    {...served, secret: {namespace: undefined, name: 's'}},
    [/^warning gateway: Gateway apps\/g: its selector matches no gateway pods/],
  ],
])('findings: %s', (_name, given, messages) => {
  const found = certificateFindings(given, secrets, now).map(
    ({level, check, message}) => `${level} ${check}: ${message}`,
  )
  expect(found).toEqual(messages.map(message => expect.stringMatching(message)))
})
