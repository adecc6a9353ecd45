import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {connectCluster} from '../../../src/engine/cluster/connect.ts'
import {contextInfo, contextsOf, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {dumpYaml} from '../../../src/text/yaml.ts'
import {mutated} from '../mutate.ts'
import {accepted, mustBePrintable} from '../oracle.ts'
import {certificates, keys} from '../samples-pki.ts'
import {defineTarget} from '../target.ts'
import {tempFolder} from '../temp-folder.ts'
import {yamlWords} from '../words-yaml.ts'

const file = join(tempFolder(), 'config')
const pem = (type: string, der: string) => btoa(`-----BEGIN ${type}-----\n${der}\n-----END ${type}-----\n`)

const users = [
  {token: 'abc'},
  {tokenFile: 'token'},
  {username: 'a', password: 'b'},
  {'client-certificate-data': pem('CERTIFICATE', certificates.root), 'client-key-data': pem('PRIVATE KEY', keys.root)},
  {'client-certificate': 'a.pem', 'client-key': 'b.pem'},
  {token: 'a', as: 'x', 'as-uid': '1', 'as-groups': ['g'], 'as-user-extra': {scopes: ['a', 'b']}},
  {
    exec: {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: './plugin',
      args: ['-a'],
      env: [{name: 'A', value: 'b'}],
      installHint: 'install it',
      provideClusterInfo: true,
      interactiveMode: 'Never',
    },
  },
  {'auth-provider': {name: 'oidc', config: {'idp-issuer-url': 'https://a', 'client-id': 'b', 'id-token': 'c.d.e'}}},
  {'auth-provider': {name: 'gcp', config: {'cmd-path': 'id'}}},
]
const clusters = [
  {server: 'https://10.0.0.1:6443'},
  {server: 'https://a/', 'certificate-authority-data': pem('CERTIFICATE', certificates.root), 'tls-server-name': 'b'},
  {server: 'https://[::1]:1', 'insecure-skip-tls-verify': true, 'proxy-url': 'http://user:secret@proxy:3128'},
  {server: 'http://a', 'proxy-url': 'socks5://proxy'},
  {
    server: 'https://a',
    extensions: [{name: 'client.authentication.k8s.io/exec', extension: {audience: 'x'}}],
    'certificate-authority': 'ca.pem',
  },
]
const samples = fc
  .tuple(fc.constantFrom(...users), fc.constantFrom(...clusters), fc.boolean())
  .map(([user, cluster, isJson]) => {
    const config = {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': 'a',
      clusters: [{name: 'c', cluster}],
      users: [{name: 'u', user}],
      contexts: [
        {name: 'a', context: {cluster: 'c', user: 'u', namespace: 'n'}},
        {name: 'b', context: {cluster: 'c', user: 'u'}},
      ],
      preferences: {},
    }
    return isJson ? JSON.stringify(config, undefined, 1) : dumpYaml(config)
  })

/** Kubeconfigs, up to the first request. */
export const target = defineTarget({
  input: mutated(samples, [...yamlWords, 'exec:\n', 'server: ', 'name: ', 'https://', '\\u0000', '%', '@']),
  async check(text) {
    writeFileSync(file, text)
    const loaded = await accepted(() => loadKubeconfig({kubeconfig: file, env: {}}))
    if (loaded === undefined) return
    contextsOf(loaded)
    for (const context of ['', 'b']) {
      await accepted(() => contextInfo(loaded, context))
      const shown = (line: string) => mustBePrintable(line)
      const cluster = await accepted(() =>
        connectCluster(loaded, context, {fieldManager: 'fuzz', requestTimeout: 1, verbose: shown, warn: shown}),
      )
      cluster?.close()
    }
  },
})
