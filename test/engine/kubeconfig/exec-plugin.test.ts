import {spawnSync} from 'node:child_process'
import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, describe, expect, it, vi} from 'vitest'
import type {ClusterEntry, ExecEntry} from '../../../src/engine/kubeconfig/entries.ts'
import {runExecPlugin} from '../../../src/engine/kubeconfig/exec-plugin.ts'
import {folderWith} from './folders.ts'

const apiVersion = 'client.authentication.k8s.io/v1'
const credential = JSON.stringify({kind: 'ExecCredential', apiVersion, status: {token: 't'}})
const folder = folderWith({plug: `#!/bin/sh\nprintf '\\033]0;x\\007 hello\\n' >&2\necho '${credential}'\n`})
chmodSync(join(folder, 'plug'), 0o755)
const cluster = {server: 'https://c'} as ClusterEntry

function exec(more: Partial<ExecEntry> = {}): ExecEntry {
  const empty = {args: [], env: [], installHint: '', provideClusterInfo: false}
  return {...empty, apiVersion, command: 'plug', interactiveMode: 'Never', ...more}
}

const run = (entry: ExecEntry) => runExecPlugin(entry, cluster, undefined, 'h')

describe('runExecPlugin', () => {
  const before = process.cwd()
  afterEach(() => {
    process.chdir(before)
    vi.unstubAllEnvs()
    vi.restoreAllMocks()
  })

  it.each([':', '.:', ':/usr/bin', '/usr/bin:'])(
    'does not run a program of the working directory, PATH=%s',
    async path => {
      process.chdir(folder)
      vi.stubEnv('PATH', path)
      await expect(run(exec())).rejects.toMatchObject({
        exit: 3,
        message: expect.stringMatching(/relative folder of PATH/),
      })
    },
  )

  it('looks a name up in our PATH, not in the one of the plugin', async () => {
    vi.stubEnv('PATH', '/usr/bin')
    await expect(run(exec({env: [{name: 'PATH', value: folder}]}))).rejects.toThrow(/is not installed/)
  })

  it('escapes what a plugin prints on stderr', async () => {
    vi.stubEnv('PATH', `${folder}:${process.env.PATH}`)
    const written: string[] = []
    vi.spyOn(process.stderr, 'write').mockImplementation(text => Boolean(written.push(String(text))))
    expect(await run(exec())).toMatchObject({token: 't'})
    expect(written.join('')).toBe('\\u001b]0;x\\u0007 hello\n')
  })

  it.each<[string, Partial<ExecEntry>, RegExp]>([
    [
      'that prints without end',
      {command: '/bin/sh', args: ['-c', 'while :; do echo xxxxxxxxxxxxxxxx; done']},
      /too much/,
    ],
    ['that prints a token instead of JSON', {command: '/bin/echo', args: ['hunter2']}, /printed invalid JSON$/],
    [
      'with an argument that no program can get',
      {command: '/bin/echo', args: ['hunter2\0']},
      /cannot be started: ERR_/,
    ],
    ['with such a variable', {command: '/bin/echo', env: [{name: 'A', value: 'hunter2\0'}]}, /cannot be started: ERR_/],
    [
      'that prints an expiry of another type',
      {command: '/bin/echo', args: [credential.replace('}}', ',"expirationTimestamp":{"toString":1}}}')]},
      /not a valid time/,
    ],
  ])('reports a plugin %s, and quotes nothing', async (_, entry, message) => {
    const error: Error = await run(exec(entry)).then(
      () => new Error('no error'),
      thrown => thrown,
    )
    expect(error).toMatchObject({exit: 3, message: expect.stringMatching(message)})
    expect(error.stack).not.toContain('hunter2')
  })
})

it('only the code that reads the flags connects to clusters: no client is built from a Secret', () => {
  const importers = (pattern: string) =>
    spawnSync('grep', ['-rlE', pattern, 'src', '--include=*.ts'], {encoding: 'utf8'}).stdout.trim().split('\n').sort()
  const inEngine = (file: string) => file.startsWith('src/engine/')
  expect(importers('engine/cluster/connect\\.ts').filter(file => !inEngine(file))).toEqual([
    'src/run/run.ts',
    'src/terminal/cluster-sources.ts',
  ])
  expect(importers('(loadKubeconfig|readKubeconfigFile)').filter(file => !inEngine(file))).toEqual([
    'src/run/run.ts',
    'src/terminal/cluster-sources.ts',
    'src/terminal/completion/sources.ts',
  ])
  expect(importers("import.*'@kubernetes/client-node'|import\\('@kubernetes/client-node'\\)")).toEqual([
    'src/engine/cluster/pods/forward.ts',
    'src/engine/cluster/pods/pods.ts',
    'src/engine/cluster/pods/stream-access.ts',
    'src/engine/kubeconfig/auth-provider.ts',
  ])
})
