import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {dirname, join} from 'node:path'
import fc from 'fast-check'
import {afterAll, describe, expect, it} from 'vitest'
import {
  contextInfo,
  contextNames,
  contextsOf,
  type Kubeconfig,
  loadKubeconfig,
} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {MeshError} from '../../../src/errors.ts'

const root = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'))
afterAll(() => rmSync(root, {recursive: true}))

let folders = 0
/** A new folder with these files. */
function folderWith(files: Record<string, string | object>): string {
  const folder = join(root, String(folders++))
  mkdirSync(folder)
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), {recursive: true})
    writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))
  }
  return folder
}

function listOf(folder: string, names: string[]): NodeJS.ProcessEnv {
  return {...process.env, HOME: join(root, 'no-home'), KUBECONFIG: names.map(name => join(folder, name)).join(':')}
}

/** What kubectl makes of the same files; undefined when it refuses them. */
function kubectlView(env: NodeJS.ProcessEnv, ...flags: string[]): Record<string, unknown> | undefined {
  const {status, stdout} = spawnSync('kubectl', ['config', 'view', '--raw', '-o', 'json', ...flags], {
    env,
    encoding: 'utf8',
  })
  return status === 0 ? JSON.parse(stdout) : undefined
}

/** Our reading in the form of `kubectl config view`: contexts whole, of clusters and users some fields. */
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

function theirView(view: Record<string, unknown>): Record<string, unknown> {
  const items = (field: string) => (view[field] ?? []) as {name: string; [part: string]: unknown}[]
  const take = (plural: string, singular: string, fields: [string, unknown][]) =>
    items(plural).map(item => [
      item.name,
      ...fields.map(([field, missing]) => (item[singular] as Record<string, unknown>)[field] ?? missing),
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

describe('against the real kubectl', () => {
  it('merges lists of files as kubectl does, whatever the names', () => {
    const file = fc.oneof({weight: 4, arbitrary: configs}, fc.constantFrom(undefined, '', '# nothing\n', 'null'))
    fc.assert(
      fc.property(fc.array(file, {minLength: 1, maxLength: 4}), contents => {
        const named = contents.map((content, index) => [`f${index}`, content] as const)
        const there = named.flatMap(([name, content]) => (content === undefined ? [] : [[name, content] as const]))
        const folder = folderWith(Object.fromEntries(there))
        const env = listOf(folder, ['missing', ...named.map(([name]) => name)])
        expect(ourView(loadKubeconfig({env}))).toEqual(theirView(kubectlView(env)!))
      }),
      {numRuns: 30},
    )
  })

  it('reads every plain scalar as kubectl does: text, or refused', () => {
    const odd = fc.constantFrom(
      ...[
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
      ],
      ...[
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
      ],
      ...['12345678901234567890123', '.5_0', '1_0.5', '_1', '0b2', 'yEs', 'nULL', 'v1', 'prod/eu-1', 'with space'],
    )
    const some = fc.string({unit: fc.constantFrom(...'01789_.-+exobyYnNtf~:'), minLength: 1, maxLength: 5})
    fc.assert(
      fc.property(fc.oneof(odd, some), scalar => {
        const folder = folderWith({config: `current-context: ${scalar}\n`})
        const env = listOf(folder, ['config'])
        const theirs = kubectlView(env)
        if (theirs) expect(loadKubeconfig({env}).currentContext).toBe(theirs['current-context'])
        else expect(() => loadKubeconfig({env})).toThrow(MeshError)
      }),
      {numRuns: 100},
    )
  })

  it.each([
    ['a list at the top', '[]'],
    ['text at the top', 'abc'],
    ['another kind', 'kind: Pod\napiVersion: v1'],
    ['another version', 'kind: Config\napiVersion: v2'],
    ['broken YAML', 'contexts:\n\t- a'],
    ['contexts as a mapping', 'contexts: {}'],
    ['a context that is text', 'contexts: [a]'],
    ['two contexts of one name', 'contexts: [{name: a}, {name: a}]'],
    ['a boolean as text', 'clusters: [{name: a, cluster: {insecure-skip-tls-verify: "true"}}]'],
    ['data that is not base64', 'clusters: [{name: a, cluster: {certificate-authority-data: "***"}}]'],
    ['a name that is a number', 'users: [{name: 1}]'],
  ])('refuses %s, as kubectl does, and names the file', (_, content) => {
    const env = listOf(folderWith({config: content}), ['config'])
    expect(kubectlView(env)).toBeUndefined()
    expect(() => loadKubeconfig({env})).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringContaining('config')}),
    )
  })

  it.each([
    ['a key given twice', 'current-context: a\ncurrent-context: b'],
    ['several documents', 'current-context: a\n---\ncurrent-context: b'],
    ['a byte order mark', '\ufeffcurrent-context: a'],
    ['anchors', 'x: &a {name: q}\ncontexts: [{<<: *a, context: {cluster: z}}]'],
    ['entries without content', 'contexts: [{name: a}, {context: {cluster: z}}]\nclusters: [{name: b, cluster: null}]'],
    ['keys in other case', 'Contexts: [{name: a}]\ncurrent-Context: q'],
    ['JSON', '{"current-context": "x"}'],
  ])('reads %s as kubectl does', (_, content) => {
    const env = listOf(folderWith({config: content}), ['config'])
    expect(ourView(loadKubeconfig({env}))).toEqual(theirView(kubectlView(env)!))
  })

  it('resolves relative paths against the file that they stand in', () => {
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
    const env = listOf(folder, ['a/config', 'b/config'])
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

  it('runs a plugin with a path from the folder of its file, as kubectl does', () => {
    const folder = folderWith({
      'x/config': {
        users: [
          {name: 'a', user: {exec: {command: './plugin'}}},
          {name: 'b', user: {exec: {command: 'aws'}}},
        ],
      },
    })
    const {users} = loadKubeconfig({env: listOf(folder, ['x/config'])})
    expect(users.get('a')!.value.exec!.command).toBe(join(folder, 'x/plugin'))
    expect(users.get('b')!.value.exec!.command).toBe('aws')
  })

  it('takes the current context that kubectl takes', () => {
    const folder = folderWith({
      a: 'current-context: ""\ncontexts: [{name: a, context: {cluster: a}}]',
      b: 'current-context: b',
      c: 'current-context: c',
    })
    const env = listOf(folder, ['missing', 'a', 'b', 'c'])
    const theirs = execFileSync('kubectl', ['config', 'current-context'], {env, encoding: 'utf8'}).trim()
    expect(loadKubeconfig({env}).currentContext).toBe(theirs)
    expect(theirs).toBe('b')
  })
})

describe('which files', () => {
  it('reads the default file, which may be missing', () => {
    const folder = folderWith({'.kube/config': 'current-context: home'})
    expect(loadKubeconfig({env: {HOME: folder}}).currentContext).toBe('home')
    expect(contextNames(loadKubeconfig({env: {HOME: join(folder, 'nowhere')}}))).toEqual([])
  })

  it('wants the file of the flag to be there, and reads no other', () => {
    const folder = folderWith({a: 'current-context: a', b: 'current-context: b'})
    const env = listOf(folder, ['a'])
    expect(loadKubeconfig({kubeconfig: join(folder, 'b'), env}).currentContext).toBe('b')
    expect(() => loadKubeconfig({kubeconfig: join(folder, 'no'), env})).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringContaining(join(folder, 'no'))}),
    )
  })

  it('refuses what is there and can not be read', () => {
    const folder = folderWith({'dir/x': ''})
    expect(() => loadKubeconfig({env: listOf(folder, ['dir'])})).toThrow(/dir: cannot read the kubeconfig/)
  })
})

describe('what is told', () => {
  const base = {
    clusters: [{name: 'c', cluster: {server: 'https://c'}}, {name: 'bare'}],
    users: [{name: 'u'}],
    contexts: [
      {name: 'prod/eu-1', context: {cluster: 'c', user: 'u', namespace: 'n'}},
      {name: 'y', context: {cluster: 'c'}},
      {name: 'with space', context: {cluster: 'c', user: 'gone'}},
      {name: 'none', context: {user: 'u'}},
      {name: 'lost', context: {cluster: 'lost'}},
      {name: 'no-server', context: {cluster: 'bare'}},
    ],
  }
  const folder = folderWith({config: base})
  const file = join(folder, 'config')
  const kubeconfig = loadKubeconfig({kubeconfig: file, env: {}})

  it('says where a context leads', () => {
    expect(contextInfo(kubeconfig, 'prod/eu-1')).toEqual({
      context: 'prod/eu-1',
      file,
      cluster: 'c',
      server: 'https://c',
      namespace: 'n',
      user: 'u',
    })
    expect(contextInfo(kubeconfig, 'y')).toMatchObject({namespace: 'default', user: ''})
    expect(contextNames(kubeconfig)).toEqual(['lost', 'no-server', 'none', 'prod/eu-1', 'with space', 'y'])
    expect(contextsOf(kubeconfig).map(({context}) => context)).toEqual(['prod/eu-1', 'y'])
  })

  it.each([
    ['nope', /there is no context "nope" in .*config/],
    ['none', /config: context "none" names no cluster/],
    ['lost', /config: context "lost" names the cluster "lost", which is not there/],
    ['no-server', /config: cluster "bare" has no server/],
    ['with space', /config: context "with space" names the user "gone", which is not there/],
    ['', /no current context is set/],
  ])('tells what is wrong with the context "%s"', (name, message) => {
    expect(() => contextInfo(kubeconfig, name)).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringMatching(message)}),
    )
  })

  it('lists the contexts there when one is unknown', () => {
    const hint = 'the contexts there: lost, no-server, none, prod/eu-1, with space, y'
    expect(() => contextInfo(kubeconfig, 'nope')).toThrow(
      expect.objectContaining({problems: [expect.objectContaining({hints: [hint]})]}),
    )
  })

  it('explains an unquoted y', () => {
    const config = join(folderWith({config: 'contexts:\n- name: y\n  context: {cluster: c}\n'}), 'config')
    expect(() => loadKubeconfig({kubeconfig: config, env: {}})).toThrow(
      expect.objectContaining({
        exit: 2,
        problems: [
          {
            message: `${config}: contexts[0].name is a boolean for kubectl, not text`,
            hints: [expect.stringMatching(/^put the value in quotes/)],
          },
        ],
      }),
    )
  })

  it('quotes nothing of a broken file: it may hold keys', () => {
    const config = join(folderWith({config: 'users:\n- user: {token: hunter2\n'}), 'config')
    expect(() => loadKubeconfig({kubeconfig: config, env: {}})).toThrow(
      expect.objectContaining({exit: 2, message: expect.not.stringContaining('hunter2')}),
    )
  })
})
