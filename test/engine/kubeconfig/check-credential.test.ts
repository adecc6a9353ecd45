import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {failureOf, failureText} from '../../../src/terminal/failure.ts'
import {folderWith} from './folders.ts'

const mark = 'c4n4ry'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const pem = (type: string) => `-----BEGIN ${type}-----\n${base64(mark)}\n-----END ${type}-----\n`
const apiVersion = 'client.authentication.k8s.io/v1'
const plugin = (status: object) => ({
  ...{apiVersion, command: '/bin/echo', interactiveMode: 'Never'},
  args: [JSON.stringify({apiVersion, kind: 'ExecCredential', status})],
})

/** The error of the first request, or of the connection before it. */
async function errorOf(cluster: object, user: object): Promise<string> {
  const value = {
    'current-context': 'h',
    clusters: [{name: 'h', cluster: {server: 'https://127.0.0.1:1', ...cluster}}],
    contexts: [{name: 'h', context: {cluster: 'h', user: 'u'}}],
    users: [{name: 'u', user}],
  }
  const folder = folderWith({config: JSON.stringify(value), tok: `a\n${mark}`})
  try {
    const loaded = loadKubeconfig({kubeconfig: join(folder, 'config'), env: {}})
    const connected = await connectCluster(loaded, '', {fieldManager: 'test', requestTimeout: 500})
    await connected.read('/version').finally(() => connected.close())
    return 'none'
  } catch (error) {
    const failure = failureOf(error, 'test')
    return `${failure.exit} ${failureText(failure, 6)}`
  }
}

describe('a value of a kubeconfig that no request can use is our error, without the value', () => {
  const token = 'contains characters that no token can have'
  test.each<[string, object, object, string]>([
    ['token', {}, {token: `a\n${mark}`}, `2 error: context "h": token ${token}`],
    ['tokenFile', {}, {tokenFile: 'tok'}, `2 error: context "h": the file of tokenFile ${token}`],
    [
      'token of a plugin',
      {},
      {exec: plugin({token: `☃${mark}`})},
      `3 error: context "h": what the credential plugin returned ${token}`,
    ],
    [
      'certificate of a plugin',
      {},
      {exec: plugin({clientCertificateData: mark, clientKeyData: mark})},
      '3 error: context "h": what the credential plugin returned is not a PEM certificate with its key',
    ],
    [
      'client-certificate-data',
      {},
      {'client-certificate-data': base64(pem('CERTIFICATE')), 'client-key-data': base64(pem('PRIVATE KEY'))},
      '2 error: context "h": client-certificate of the user is not a PEM certificate with its key',
    ],
    ['as', {}, {as: `a\n${mark}`}, '2 error: context "h": as, as-groups, as-uid or as-user-extra contains a character'],
    [
      'certificate-authority-data',
      {'certificate-authority-data': base64(pem('CERTIFICATE'))},
      {},
      'the certificate authority of cluster "h" is not a valid PEM certificate',
    ],
    ['server', {server: 'https://h:99999'}, {}, 'the server of cluster "h" is not an http or https URL'],
    ['port of the server', {server: 'https://h:0'}, {}, 'the server of cluster "h" has port 0'],
    ['host of the server', {server: `https://${'a'.repeat(254)}`}, {}, 'or a host name with more than 253 characters'],
    ['proxy-url', {'proxy-url': `http://u:${mark}@h:99999`}, {}, 'the proxy of 127.0.0.1:1 is not an http, https'],
    ['port of the proxy', {'proxy-url': `http://u:${mark}@h:0`}, {}, 'the proxy of 127.0.0.1:1 has port 0'],
  ])('%s', async (_name, cluster, user, message) => {
    const found = await errorOf(cluster, user)
    expect(found).toContain(message)
    expect(found).not.toContain(mark)
    expect(found).not.toMatch(/ERR_|routines/)
  })

  test('an empty user has none', async () => {
    expect(await errorOf({}, {})).toContain('ECONNREFUSED')
  })
})
