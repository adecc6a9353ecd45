import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {remoteKubeconfig} from '../../src/mesh/objects-remote-secret.ts'
import {accessIn, claimsOf} from '../../src/mesh/remote-kubeconfig.ts'
import {oddText} from '../support/odd.ts'

const jwtOf = (payload: string) => `header.${Buffer.from(payload).toString('base64url')}.signature`

describe('claimsOf', () => {
  test('reads the claims of a token', () => {
    const claims = {sub: 'system:serviceaccount:a:b', iat: 1, exp: 2, 'kubernetes.io': {secret: {uid: 'u'}}}
    expect(claimsOf(jwtOf(JSON.stringify(claims)))).toEqual({
      issued: new Date(1000),
      expires: new Date(2000),
      boundUid: 'u',
      subject: 'system:serviceaccount:a:b',
    })
  })

  test('never throws, whatever the text', () => {
    const token = fc.oneof(oddText, fc.json().map(jwtOf))
    fc.assert(
      fc.property(token, text => {
        expect(Object.keys(claimsOf(text))).toEqual(expect.arrayContaining(['issued', 'expires', 'boundUid']))
      }),
    )
  })
})

describe('accessIn', () => {
  const kubeconfig = remoteKubeconfig({
    target: 'west',
    server: 'https://west.example:6443',
    certificateAuthority: undefined,
    tlsServerName: undefined,
    token: 't',
  })

  test('reads server and token of the current context', () =>
    expect(accessIn(kubeconfig)).toEqual({server: 'https://west.example:6443', token: 't'}))

  test.each([
    ['another current context', kubeconfig.replace('current-context: west', 'current-context: east')],
    ['an empty document', 'null'],
  ])('has no server and no token for %s', (_, text) =>
    expect(accessIn(text)).toEqual({server: undefined, token: undefined}),
  )

  test.each(['{', ''])('is undefined for %j, which is not YAML', text => expect(accessIn(text)).toBeUndefined())

  test('never throws, whatever the text', () => {
    const text = fc.oneof(
      oddText,
      fc.json(),
      fc.jsonValue().map(value => JSON.stringify({clusters: value, users: [value]})),
    )
    fc.assert(
      fc.property(text, kubeconfigText => {
        const access = accessIn(kubeconfigText)
        expect(access === undefined || typeof access === 'object').toBe(true)
      }),
    )
  })
})
