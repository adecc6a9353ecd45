import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {multiClusterLabel} from '../../../../src/engine/kubernetes/labels.ts'
import type {KubernetesObject} from '../../../../src/engine/kubernetes/object.ts'
import {externalSecretOf, storeKeyOf, storeKeysIn} from '../../../../src/features/files/render/objects-external.ts'
import {buildBundledSecret, buildRemoteSecrets, remoteKubeconfig} from '../../../../src/mesh/objects-remote-secret.ts'
import {dumpYaml} from '../../../../src/text/yaml.ts'
import {expectGolden} from '../../../support/golden.ts'
import {secret} from '../../../terminal/output/steps.ts'
import {token} from './samples.ts'

const authority = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n'
const access = (target: string, more: Partial<Parameters<typeof remoteKubeconfig>[0]> = {}) => ({
  ...{target, server: 'https://10.0.0.1:6443', certificateAuthority: authority, tlsServerName: undefined, token},
  ...more,
})
const holder = {cluster: 'west', systemNamespace: 'istio-system'}
const stored = {document: 'prod', cluster: 'west'}
const store = {kind: 'ClusterSecretStore', name: 'vault'} as const
const external = (object: KubernetesObject) => externalSecretOf(object, stored, store)
const remote = (kubeconfig: string, target = 'east') => buildRemoteSecrets(holder, [{target, kubeconfig}])[0]!.object

interface Template {
  target: {template: {data: Record<string, string>; metadata: {annotations: Record<string, string>}}}
}
const templateOf = (object: KubernetesObject | undefined) => (object!.spec as Template).target.template

/** What Go's text/template and its function `index` make of the templates that are used here. Others are errors. */
const executed = (template: string, values: Record<string, string>) =>
  template.replace(/\{\{(?: (?:index \. "([^"]+)"|"(\{\{)") \}\})?/g, (_, key?: string, text?: string) => {
    const value = key === undefined ? text : values[key]
    if (value === undefined) throw new Error(`not a template: ${template}`)
    return value
  })

test('a remote Secret becomes a template of its kubeconfig; only the token is in the store', async () => {
  const object = external(remote(remoteKubeconfig(access('east'))))
  await expectGolden('render-engines/external-secret.yaml', dumpYaml(object))
  expect(JSON.stringify(object)).not.toContain(token)
  expect(storeKeysIn(object!)).toEqual(['kubectl-mesh--prod--west--istio-system--istio-remote-secret-east'])
})

test('the template becomes the kubeconfig byte for byte, whatever the name of the cluster is', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string({unit: 'binary', minLength: 1}),
        fc.constantFrom('{{ .token }}', '{{{', 'token: kubectl-mesh-token'),
      ),
      name => {
        const kubeconfig = remoteKubeconfig(access(name))
        const object = external(remote(kubeconfig, name))
        expect(executed(templateOf(object).data[name]!, {token})).toBe(kubeconfig)
        const {annotations} = templateOf(object).metadata
        expect(Object.values(annotations).map(text => executed(text, {}))).toContain(name)
      },
    ),
    {numRuns: 200},
  )
})

test('a bundle has a token for each cluster', () => {
  const [bundle] = buildBundledSecret(
    holder,
    ['east', 'north'].map(target => ({target, kubeconfig: remoteKubeconfig(access(target))})),
  )
  const object = external(bundle!.object)
  const key = 'kubectl-mesh--prod--west--istio-system--istio-remote-secrets'
  expect(object!.spec).toMatchObject({
    data: ['east', 'north'].map(target => ({secretKey: target, remoteRef: {key, property: target}})),
  })
  expect(templateOf(object).data.north).toContain('token: {{ index . "north" }}\n')
})

describe('a kubeconfig that may contain another secret is left out', () => {
  const text = remoteKubeconfig(access('east'))
  test.each([
    ['a password', text.replace(`token: ${token}`, `password: opensesame\n    token: ${token}`)],
    ['a client key', text.replace(`token: ${token}`, `client-key-data: b3Blbg==\n    token: ${token}`)],
    ['another user', `${text}- name: other\n  user:\n    token: other\n`],
    ['a comment', `# opensesame\n${text}`],
    ['credentials in the URL', remoteKubeconfig(access('east', {server: 'https://me:opensesame@east.test:6443'}))],
    ['a token in the URL', remoteKubeconfig(access('east', {server: 'https://east.test:6443/?token=opensesame'}))],
    [
      'a private key beside the certificate',
      remoteKubeconfig(
        access('east', {
          certificateAuthority: `${authority}-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----\n`,
        }),
      ),
    ],
    [
      'text beside the certificate',
      remoteKubeconfig(access('east', {certificateAuthority: `opensesame\n${authority}`})),
    ],
    ['its token in the URL', remoteKubeconfig(access('east', {server: `https://10.0.0.1/${token}`}))],
    ['a token that is none', remoteKubeconfig(access('east', {token: 'yes: {'}))],
    ['no token', remoteKubeconfig(access('east', {token: ''}))],
    ['no kubeconfig', ''],
  ])('%s', (_, kubeconfig) => expect(external(remote(kubeconfig))).toBeUndefined())
})

test('every value of another Secret is in the store', () => {
  const object = external({...secret('shop', {'tls.crt': 'cert', 'tls.key': 'opensesame'}), type: 'kubernetes.io/tls'})
  const remoteRef = (property: string) => ({key: 'kubectl-mesh--prod--west--istio-system--shop', property})
  expect(object).toMatchObject({
    spec: {
      data: ['tls.crt', 'tls.key'].map(key => ({secretKey: key, remoteRef: remoteRef(key)})),
      target: {name: 'shop', template: {type: 'kubernetes.io/tls'}},
    },
  })
  expect(JSON.stringify(object)).not.toMatch(/opensesame|b3BlbnNlc2FtZQ/)
  expect(external(secret('empty', {}))).toBeUndefined()
  expect(external(secret('empty', {}, {labels: {[multiClusterLabel]: 'true'}}))).toBeUndefined()
})

test('the name in the store suits all stores, and is different for different Secrets', () => {
  const keyOf = (document: string, cluster: string, name: string) => storeKeyOf(secret(name, {}), {document, cluster})
  const keys = [
    keyOf('a', 'b', 'c'),
    keyOf('a--b', 'c', 'd'),
    keyOf('a', 'b--c', 'd'),
    keyOf('a', 'West_1', 'c'),
    keyOf('a', 'west-1', 'c'),
    keyOf('a', 'x'.repeat(200), 'c'),
    keyOf('a', `${'x'.repeat(200)}y`, 'c'),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  for (const key of keys) expect(key).toMatch(/^[a-z0-9-]{1,127}$/)
})
