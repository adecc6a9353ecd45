import {join} from 'node:path'
import {folderWith} from './folders.ts'

export const exec = {apiVersion: 'client.authentication.k8s.io/v1', command: 'plug', interactiveMode: 'Never'}
export const oidc = {name: 'oidc', config: {'idp-issuer-url': 'https://127.0.0.1:1', 'client-id': 'x'}}

/** Writes a kubeconfig whose only context has this user and cluster, and returns its path. No server listens there. */
export function fileFor(user: object, cluster: object = {}): string {
  const config = {
    'current-context': 'h',
    clusters: [{name: 'h', cluster: {server: 'https://127.0.0.1:1', ...cluster}}],
    contexts: [{name: 'h', context: {cluster: 'h', user: 'u'}}],
    users: [{name: 'u', user}],
  }
  return join(folderWith({config}), 'config')
}

/** Users that kubectl rejects before it sends a request, and our message. */
export const rejectedUsers: [what: string, user: object, message: RegExp][] = [
  ['a provider that ran a program', {'auth-provider': {name: 'gcp', config: {'cmd-path': '/bin/false'}}}, /"gcp"/],
  ['a removed provider beside a token', {token: 'x', 'auth-provider': {name: 'azure'}}, /"azure".*not supported/],
  ['an unknown provider', {'auth-provider': {name: 'exec'}}, /kubectl supports only "oidc"/],
  ['a provider named like a property', {'auth-provider': {name: 'constructor'}}, /not supported/],
  ['OIDC without an issuer', {'auth-provider': {name: 'oidc'}}, /does not set idp-issuer-url/],
  ['a plugin and a provider', {exec, 'auth-provider': oidc}, /both exec and auth-provider/],
  ['a token and a password', {token: 'a', username: 'b', password: 'c'}, /token and also a user name or password/],
  [
    'an unnamed variable of a plugin',
    {exec: {...exec, env: [{name: '', value: 'x'}]}},
    /environment variable without a name/,
  ],
  [
    'a client certificate twice',
    {'client-certificate': 'c', 'client-certificate-data': 'eA==', 'client-key-data': 'eA=='},
    /both client-certificate and client-certificate-data/,
  ],
  [
    'a client key twice',
    {'client-certificate-data': 'eA==', 'client-key': 'k', 'client-key-data': 'eA=='},
    /both client-key and client-key-data/,
  ],
  ['a client certificate without a key', {'client-certificate-data': 'eA=='}, /without client-key or client-key-data/],
  ['groups without a user', {'as-groups': ['a']}, /without "as"/],
  ['a UID without a user', {'as-uid': 'a'}, /without "as"/],
  ['extra values without a user', {'as-user-extra': {a: ['b']}}, /without "as"/],
]

/** Clusters that kubectl rejects before it sends a request, and our message. */
export const rejectedClusters: [what: string, cluster: object, message: RegExp][] = [
  [
    'a certificate authority twice',
    {'certificate-authority': 'c', 'certificate-authority-data': 'eA=='},
    /both certificate-authority and certificate-authority-data/,
  ],
  ['a certificate authority that is not PEM', {'certificate-authority-data': 'eA=='}, /is not a PEM certificate/],
  ['a proxy with another scheme', {'proxy-url': 'ftp://127.0.0.1:1'}, /is not an http, https or socks5 URL/],
]
