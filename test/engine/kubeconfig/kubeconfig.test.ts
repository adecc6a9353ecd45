import {join} from 'node:path'
import {describe, expect, it} from 'vitest'
import {
  contextInfo,
  contextNames,
  contextsOf,
  hasContext,
  loadKubeconfig,
} from '../../../src/engine/kubeconfig/kubeconfig.ts'
import {folderWith, kubeconfigEnv} from './folders.ts'

describe('the files of a kubeconfig', () => {
  it('include the default file, which may be missing', () => {
    const folder = folderWith({'.kube/config': 'current-context: home'})
    expect(loadKubeconfig({env: {HOME: folder}}).currentContext).toBe('home')
    expect(contextNames(loadKubeconfig({env: {HOME: join(folder, 'nowhere')}}))).toEqual([])
  })

  it('are only the file of --kubeconfig, which must exist', () => {
    const folder = folderWith({a: 'current-context: a', b: 'current-context: b'})
    const env = kubeconfigEnv(folder, ['a'])
    expect(loadKubeconfig({kubeconfig: join(folder, 'b'), env}).currentContext).toBe('b')
    expect(() => loadKubeconfig({kubeconfig: join(folder, 'no'), env})).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringContaining(join(folder, 'no'))}),
    )
  })

  it('must be readable if they exist', () => {
    const folder = folderWith({'dir/x': ''})
    expect(() => loadKubeconfig({env: kubeconfigEnv(folder, ['dir'])})).toThrow(/dir: cannot read the kubeconfig/)
  })
})

describe('contexts of several files', () => {
  const single = (context: string, server: string) => ({
    clusters: [{name: 'c', cluster: {server}}],
    contexts: [{name: context, context: {cluster: 'c'}}],
    'current-context': context,
  })
  const folder = folderWith({
    'k3s-east.yaml': single('default', 'https://east'),
    west: single('default', 'https://west'),
  })
  const [east, west] = ['k3s-east.yaml', 'west'].map(name => join(folder, name))
  const kubeconfig = loadKubeconfig({env: kubeconfigEnv(folder, ['k3s-east.yaml', 'west'])})

  it('lists those that another file hides under the names of their files', () => {
    expect(contextsOf(kubeconfig).map(({context, server}) => [context, server])).toEqual([
      ['default', 'https://east'],
      [`west=${west}#default`, 'https://west'],
    ])
  })

  it('looks up a reference in its file', () => {
    const none = loadKubeconfig({env: {KUBECONFIG: '/dev/null'}})
    expect(contextInfo(none, `a=${west}`)).toMatchObject({context: `a=${west}`, file: west, server: 'https://west'})
    expect(contextInfo(none, `b=${east}#default`)).toMatchObject({file: east, server: 'https://east'})
    expect(hasContext(none, `a=${west}`)).toBe(true)
    expect(hasContext(none, `a=${west}.missing`)).toBe(false)
    expect(() => contextInfo(none, `a=${west}#b`)).toThrow(`context "b" does not exist in ${west}`)
    expect(() => contextInfo(none, `a=${west}.missing`)).toThrow(`${west}.missing: cannot read the kubeconfig`)
  })
})

describe('contextInfo', () => {
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

  it('returns the server, namespace and user of a context', () => {
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
    ['nope', /context "nope" does not exist in .*config/],
    ['none', /config: context "none" sets no cluster/],
    ['lost', /config: context "lost" refers to cluster "lost", which does not exist/],
    ['no-server', /config: cluster "bare" sets no server/],
    ['with space', /config: context "with space" refers to user "gone", which does not exist/],
    ['', /no current context is set/],
  ])('rejects the context "%s"', (name, message) => {
    expect(() => contextInfo(kubeconfig, name)).toThrow(
      expect.objectContaining({exit: 2, message: expect.stringMatching(message)}),
    )
  })

  it('lists the available contexts if one does not exist', () => {
    const hint = 'available contexts: lost, no-server, none, prod/eu-1, with space, y'
    expect(() => contextInfo(kubeconfig, 'nope')).toThrow(
      expect.objectContaining({problems: [expect.objectContaining({hints: [hint]})]}),
    )
  })
})

describe('errors of loadKubeconfig', () => {
  it('explain an unquoted y', () => {
    const config = join(folderWith({config: 'contexts:\n- name: y\n  context: {cluster: c}\n'}), 'config')
    expect(() => loadKubeconfig({kubeconfig: config, env: {}})).toThrow(
      expect.objectContaining({
        exit: 2,
        problems: [
          {
            message: `${config}: contexts[0].name is a boolean; expected a string`,
            hints: [expect.stringMatching(/^put the value in quotes/)],
          },
        ],
      }),
    )
  })

  it('quote nothing from an invalid file, which may contain keys', () => {
    const config = join(folderWith({config: 'users:\n- user: {token: hunter2\n'}), 'config')
    expect(() => loadKubeconfig({kubeconfig: config, env: {}})).toThrow(
      expect.objectContaining({exit: 2, message: expect.not.stringContaining('hunter2')}),
    )
  })
})
