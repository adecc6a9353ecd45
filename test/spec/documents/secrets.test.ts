import {generateKeyPairSync} from 'node:crypto'
import {describe, expect, test} from 'vitest'
import {findSecretIn, findSecrets} from '../../../src/spec/documents/secrets.ts'

const base64url = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
const token = `${base64url({alg: 'RS256', kid: 'x'})}.${base64url({iss: 'kubernetes/serviceaccount'})}.c2lnbmF0dXJl`
const pem = (type: 'pkcs1' | 'pkcs8') =>
  generateKeyPairSync('rsa', {modulusLength: 1024}).privateKey.export({type, format: 'pem'}) as string

describe('secrets are found', () => {
  test.each([
    ['a token', `spec:\n  set:\n  - a=${token}\n`, 3, 7],
    ['a token in a comment', `# ${token}\nspec: {}\n`, 1, 3],
    ['a private key, indented', `spec:\n  key: |\n    ${pem('pkcs8').replaceAll('\n', '\n    ')}\n`, 3, 5],
    ['a private key of RSA', pem('pkcs1'), 1, 1],
    ['a private key in Base64', `a: ${Buffer.from(pem('pkcs1')).toString('base64')}\n`, 1, 4],
    ['another private key in Base64', `a: ${Buffer.from(pem('pkcs8')).toString('base64')}\n`, 1, 4],
  ])('%s', (_, text, line, column) => {
    const found = findSecrets(text)
    expect(found).toMatchObject([{line, column}])
    expect(JSON.stringify(found)).not.toContain(token)
  })
})

test.each([
  ['a certificate', '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'],
  ['a certificate in Base64', Buffer.from(`-----BEGIN CERTIFICATE-----\n${'A'.repeat(200)}\n`).toString('base64')],
  ['paths and hosts', 'key: shop-key.pem\nhost: eyJ.example.com\n'],
])('%s is no secret', (_, text) => expect(findSecrets(text)).toEqual([]))

test('a secret is found anywhere in a value, also at the beginning of a line, where JSON has no word boundary before it', () => {
  const key = Buffer.from(pem('pkcs1')).toString('base64')
  for (const value of [`a\n${token}`, [`a\n${key}`], {[token]: 1}, {a: [{b: pem('pkcs8')}]}])
    expect(findSecretIn({spec: value})).toMatchObject({what: expect.stringMatching(/^a (token|private key)/)})
  expect(findSecretIn({spec: [1, null, 'a', {b: true}]})).toBeUndefined()
})
