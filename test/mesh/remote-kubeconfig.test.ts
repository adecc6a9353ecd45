import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {remoteKubeconfig} from '../../src/mesh/objects-remote-secret.ts'
import {accessIn, claimsOf, kubeconfigProblems} from '../../src/mesh/remote-kubeconfig.ts'
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

describe('kubeconfigProblems', () => {
  const now = new Date(Date.UTC(2030, 0, 1))
  const expired = jwtOf(JSON.stringify({exp: now.getTime() / 1000 - 1}))
  const lasting = jwtOf(JSON.stringify({exp: now.getTime() / 1000 + 1}))

  /** A remote kubeconfig as JSON, with further fields of its cluster and user, and further users. */
  const withFields = (cluster: object, user: object, others: object[] = []) =>
    JSON.stringify({
      'current-context': 'west',
      clusters: [{name: 'west', cluster: {server: 'https://west.example:6443', ...cluster}}],
      contexts: [{name: 'west', context: {cluster: 'west', user: 'west'}}],
      users: [{name: 'west', user: {token: 't', ...user}}, ...others],
    })

  test.each<[string, string, string[]]>([
    ['a server and a token', withFields({}, {token: lasting}), []],
    ['OIDC', withFields({}, {'auth-provider': {name: 'oidc'}}), []],
    ['fields without a value', withFields({'proxy-url': '', 'insecure-skip-tls-verify': false}, {exec: null}), []],
    ['a plugin', withFields({}, {exec: {command: '/bin/sh'}}), ['sets exec, which istiod rejects']],
    [
      'a plugin of a user that no context uses',
      withFields({}, {}, [{name: 'x', user: {exec: {}}}]),
      ['sets exec, which istiod rejects'],
    ],
    [
      'files and another provider',
      withFields({}, {tokenFile: '/t', 'client-key': '/k', 'auth-provider': {name: 'gcp'}}),
      ['sets tokenFile and client-key and auth-provider, which istiod rejects'],
    ],
    [
      'a server that is not verified',
      withFields({'insecure-skip-tls-verify': true}, {}),
      ['sets insecure-skip-tls-verify: istiod would send its token to any server at that address'],
    ],
    [
      'a proxy, without its password',
      withFields({'proxy-url': 'http://u:hunter2@evil.example:3128'}, {}),
      ['sets proxy-url: istiod would connect through evil.example:3128'],
    ],
    [
      'a certificate authority in a file',
      withFields({'certificate-authority': '/ca'}, {}),
      ['sets certificate-authority: istiod does not have this file'],
    ],
    [
      'impersonation and a certificate beside the token',
      withFields({}, {as: 'system:admin', 'as-groups': ['system:masters'], 'client-certificate-data': 'YQ=='}),
      [
        'sets as and as-groups and client-certificate-data: istiod would not connect as the service account of its token',
      ],
    ],
    ['a certificate without a token', withFields({}, {token: null, 'client-certificate-data': 'YQ=='}), []],
    [
      'an expired token',
      withFields({}, {token: expired}),
      ['contains a token that expired at 2029-12-31T23:59:59.000Z'],
    ],
    ['a text that is not YAML', '{', []],
    ['users that are not a list', '{"users": {"a": 1}}', []],
  ])('%s', (_, kubeconfig, expected) => expect(kubeconfigProblems(kubeconfig, now)).toEqual(expected))

  test('never throws, and never shows a token, whatever the values', () => {
    const value = fc.oneof(fc.constant('c4n4ry'), fc.jsonValue(), fc.constant({exec: {command: 'c4n4ry'}}))
    fc.assert(
      fc.property(value, value, value, (server, token, other) => {
        const text = withFields({server, 'proxy-url': other}, {token, exec: other, 'auth-provider': other})
        accessIn(text)
        const shown = kubeconfigProblems(text, now).join()
        if (other !== 'c4n4ry') expect(shown).not.toContain('c4n4ry')
      }),
    )
  })
})
