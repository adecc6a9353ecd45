import {execFileSync, spawnSync} from 'node:child_process'
import {rmSync} from 'node:fs'
import {join} from 'node:path'
import fc from 'fast-check'
import {afterAll, describe, expect, it} from 'vitest'
import {type Kubeconfig, loadKubeconfig} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {MeshError} from '../../../src/errors.ts'
import {folderWith, kubeconfigEnv, root} from '../../engine/kubeconfig/folders.ts'

afterAll(() => rmSync(root, {recursive: true}))

/** Returns the output of `kubectl config view`; undefined if kubectl rejects the files. */
function kubectlView(env: NodeJS.ProcessEnv, ...flags: string[]): Record<string, unknown> | undefined {
  const {status, stdout} = spawnSync('kubectl', ['config', 'view', '--raw', '-o', 'json', ...flags], {
    env,
    encoding: 'utf8',
  })
  return status === 0 ? JSON.parse(stdout) : undefined
}

/** Returns the fields that both views are compared by, from our kubeconfig. */
function ourView(kubeconfig: Kubeconfig): Record<string, unknown> {
  const sorted = <T>(map: Map<string, {value: T}>) => [...map].sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    'current-context': kubeconfig.currentContext,
    contexts: sorted(kubeconfig.contexts).map(([name, {value}]) => [name, value.cluster, value.user, value.namespace]),
    clusters: sorted(kubeconfig.clusters).map(([name, {value}]) => [
      name,
      value.server,
      value.tlsServerName,
      value.insecureSkipTlsVerify,
    ]),
    users: sorted(kubeconfig.users).map(([name, {value}]) => [name, value.token, value.username]),
  }
}

/** Returns the fields that both views are compared by, from the output of `kubectl config view`. */
function theirView(view: Record<string, unknown>): Record<string, unknown> {
  const items = (field: string) => (view[field] ?? []) as {name: string; [part: string]: unknown}[]
  const take = (plural: string, singular: string, fields: [field: string, fallback: unknown][]) =>
    items(plural).map(item => [
      item.name,
      ...fields.map(([field, fallback]) => (item[singular] as Record<string, unknown>)[field] ?? fallback),
    ])
  return {
    'current-context': view['current-context'],
    contexts: take('contexts', 'context', [
      ['cluster', ''],
      ['user', ''],
      ['namespace', ''],
    ]),
    clusters: take('clusters', 'cluster', [
      ['server', ''],
      ['tls-server-name', ''],
      ['insecure-skip-tls-verify', false],
    ]),
    users: take('users', 'user', [
      ['token', ''],
      ['username', ''],
    ]),
  }
}

const names = fc.constantFrom('east', 'prod/eu-1', 'with space', 'y', '12', 'no', 'ümlaut', 'a:b', '~', "it's", '# x')
const entry = <T>(part: string, value: fc.Arbitrary<T>) =>
  fc.uniqueArray(
    fc.record({name: names, value}).map(({name, value}) => ({name, [part]: value})),
    {selector: ({name}) => name, maxLength: 4},
  )
const configs = fc.record(
  {
    'current-context': fc.oneof(names, fc.constant('')),
    contexts: entry('context', fc.record({cluster: names, user: names, namespace: names}, {requiredKeys: ['cluster']})),
    clusters: entry(
      'cluster',
      fc.record(
        {server: fc.webUrl(), 'tls-server-name': names, 'insecure-skip-tls-verify': fc.boolean()},
        {requiredKeys: ['server']},
      ),
    ),
    users: entry('user', fc.record({token: names, username: names}, {requiredKeys: []})),
  },
  {requiredKeys: []},
)

/** Scalars whose type differs between versions and parsers of YAML. */
const ambiguousScalars = [
  'y',
  'N',
  'on',
  'Off',
  'yes',
  'True',
  'null',
  '~',
  '12',
  '-0x1F',
  '+1',
  '0b11',
  '0o17',
  '0o',
  '017',
  '08',
  '1_000',
  '1e3',
  '.5',
  '5.',
  '.inf',
  '-.Inf',
  '.NaN',
  '1:30',
  '2001-01-01',
  '2001-01-01T00:00:00Z',
  '=',
  '0x',
  '-',
  '1e',
  '12345678901234567890123',
  '.5_0',
  '1_0.5',
  '_1',
  '0b2',
  'yEs',
  'nULL',
  'v1',
  'prod/eu-1',
  'with space',
]

describe('generated files, compared with kubectl', () => {
  it('merges files as kubectl does, regardless of the names in them', () => {
    const file = fc.oneof({weight: 4, arbitrary: configs}, fc.constantFrom(undefined, '', '# nothing\n', 'null'))
    fc.assert(
      fc.property(fc.array(file, {minLength: 1, maxLength: 4}), contents => {
        const named = contents.map((content, index) => [`f${index}`, content] as const)
        const existing = named.flatMap(([name, content]) => (content === undefined ? [] : [[name, content] as const]))
        const folder = folderWith(Object.fromEntries(existing))
        const env = kubeconfigEnv(folder, ['missing', ...named.map(([name]) => name)])
        expect(ourView(loadKubeconfig({env}))).toEqual(theirView(kubectlView(env)!))
      }),
      {numRuns: 30},
    )
  })

  it('reads every plain scalar as kubectl does: as a string, or as an error', () => {
    const random = fc.string({unit: fc.constantFrom(...'01789_.-+exobyYnNtf~:'), minLength: 1, maxLength: 5})
    fc.assert(
      fc.property(fc.oneof(fc.constantFrom(...ambiguousScalars), random), scalar => {
        const folder = folderWith({config: `current-context: ${scalar}\n`})
        const env = kubeconfigEnv(folder, ['config'])
        const expected = kubectlView(env)
        if (expected) expect(loadKubeconfig({env}).currentContext).toBe(expected['current-context'])
        else expect(() => loadKubeconfig({env})).toThrow(MeshError)
      }),
      {numRuns: 100},
    )
  })
})

describe('special cases, compared with kubectl', () => {
  it.each([
    ['a list as the document', '[]'],
    ['a string as the document', 'abc'],
    ['another kind', 'kind: Pod\napiVersion: v1'],
    ['another version', 'kind: Config\napiVersion: v2'],
    ['broken YAML', 'contexts:\n\t- a'],
    ['contexts as a mapping', 'contexts: {}'],
    ['a context that is a string', 'contexts: [a]'],
    ['two contexts with the same name', 'contexts: [{name: a}, {name: a}]'],
    ['a string in place of a boolean', 'clusters: [{name: a, cluster: {insecure-skip-tls-verify: "true"}}]'],
    ['data that is not base64', 'clusters: [{name: a, cluster: {certificate-authority-data: "***"}}]'],
    ['a name that is a number', 'users: [{name: 1}]'],
  ])('rejects %s, as kubectl does, and names the file', (_, content) => {
    const env = kubeconfigEnv(folderWith({config: content}), ['config'])
    expect(kubectlView(env)).toBeUndefined()
    expect(() => loadKubeconfig({env})).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringContaining('config')}),
    )
  })

  it.each([
    ['a duplicate key', 'current-context: a\ncurrent-context: b'],
    ['several documents', 'current-context: a\n---\ncurrent-context: b'],
    ['a byte order mark', '\ufeffcurrent-context: a'],
    ['anchors', 'x: &a {name: q}\ncontexts: [{<<: *a, context: {cluster: z}}]'],
    ['entries without content', 'contexts: [{name: a}, {context: {cluster: z}}]\nclusters: [{name: b, cluster: null}]'],
    ['keys in another case', 'Contexts: [{name: a}]\ncurrent-Context: q'],
    ['JSON', '{"current-context": "x"}'],
  ])('reads %s as kubectl does', (_, content) => {
    const env = kubeconfigEnv(folderWith({config: content}), ['config'])
    expect(ourView(loadKubeconfig({env}))).toEqual(theirView(kubectlView(env)!))
  })
})

describe('paths and the current context, compared with kubectl', () => {
  it('resolves relative paths against the folder of their file', () => {
    const pem = (label: string) => `-----BEGIN ${label}-----\n-----END ${label}-----\n`
    const folder = folderWith({
      'a/config': {
        clusters: [{name: 'a', cluster: {server: 'https://a', 'certificate-authority': '../certs/ca'}}],
        contexts: [{name: 'a', context: {cluster: 'a', user: 'a'}}],
      },
      'b/config': {
        users: [{name: 'a', user: {'client-certificate': 'crt', 'client-key': './key', tokenFile: 'token'}}],
      },
      'certs/ca': pem('A'),
      'b/crt': pem('B'),
      'b/key': pem('C'),
    })
    const env = kubeconfigEnv(folder, ['a/config', 'b/config'])
    const flat = kubectlView(env, '--flatten') as {clusters: {cluster: Record<string, string>}[]}
    expect(Buffer.from(flat.clusters[0]!.cluster['certificate-authority-data']!, 'base64').toString()).toBe(pem('A'))
    const kubeconfig = loadKubeconfig({env})
    expect(kubeconfig.clusters.get('a')!.value.certificateAuthority).toBe(join(folder, 'certs/ca'))
    expect(kubeconfig.users.get('a')!.value).toMatchObject({
      clientCertificate: join(folder, 'b/crt'),
      clientKey: join(folder, 'b/key'),
      tokenFile: join(folder, 'b/token'),
    })
  })

  it('resolves the path of a plugin against the folder of its file', () => {
    const folder = folderWith({
      'x/config': {
        users: [
          {name: 'a', user: {exec: {command: './plugin'}}},
          {name: 'b', user: {exec: {command: 'aws'}}},
        ],
      },
    })
    const {users} = loadKubeconfig({env: kubeconfigEnv(folder, ['x/config'])})
    expect(users.get('a')!.value.exec!.command).toBe(join(folder, 'x/plugin'))
    expect(users.get('b')!.value.exec!.command).toBe('aws')
  })

  it('selects the same current context as kubectl', () => {
    const folder = folderWith({
      a: 'current-context: ""\ncontexts: [{name: a, context: {cluster: a}}]',
      b: 'current-context: b',
      c: 'current-context: c',
    })
    const env = kubeconfigEnv(folder, ['missing', 'a', 'b', 'c'])
    const expected = execFileSync('kubectl', ['config', 'current-context'], {env, encoding: 'utf8'}).trim()
    expect(loadKubeconfig({env}).currentContext).toBe(expected)
    expect(expected).toBe('b')
  })
})
