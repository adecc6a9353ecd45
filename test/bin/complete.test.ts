import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {packKnown} from '../../src/terminal/completion/packed.ts'
import {bin, ended, executable, root, run} from './cli.ts'

let folder: string
let env: NodeJS.ProcessEnv

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-complete-'))
  symlinkSync(executable ?? bin, join(folder, 'kubectl-mesh'))
  symlinkSync(executable ?? `${root}bin/complete.js`, join(folder, 'kubectl_complete-mesh'))
  const context = (name: string) => ({name, context: {cluster: 'c', user: 'u'}})
  const file = (name: string, contexts: string[]) =>
    writeFileSync(
      join(folder, name),
      JSON.stringify({
        apiVersion: 'v1',
        kind: 'Config',
        clusters: [{name: 'c', cluster: {server: 'https://127.0.0.1:1'}}],
        users: [{name: 'u', user: {}}],
        contexts: contexts.map(context),
      }),
    )
  file('one', ['east', 'prod/eu-1'])
  file('two', ['west', 'with space'])
  file('other', ['stage'])
  env = {
    PATH: `${folder}:${root}node_modules/.bin:${process.env.PATH}`,
    KUBECONFIG: `${folder}/one:${folder}/missing:${folder}/two`,
  }
})
afterAll(() => rmSync(folder, {recursive: true}))

/** The answer of kubectl to the shell: the candidates without their descriptions, and the directive. */
async function tab(...args: string[]) {
  const {stdout} = await ended(spawn('kubectl', ['__complete', 'mesh', ...args], {env: {...process.env, ...env}}))
  const lines = stdout.trimEnd().split('\n')
  return {directive: lines.pop(), values: lines.map(line => line.split('\t')[0])}
}

describe('kubectl __complete mesh', () => {
  test('commands', async () => {
    expect((await tab('')).values).toEqual(expect.arrayContaining(['completion', 'help', 'version']))
    expect(await tab('vers')).toEqual({directive: ':4', values: ['version']})
  })

  test('flags', async () =>
    expect((await tab('version', '--')).values).toEqual(expect.arrayContaining(['--output', '--v', '--help'])))

  test('fixed values', async () => {
    expect(await tab('version', '-o', '')).toEqual({directive: ':4', values: ['json', 'yaml']})
    expect(await tab('version', '--output=')).toEqual({directive: ':4', values: ['json', 'yaml']})
  })

  test('folders', async () => expect(await tab('completion', '--link', '')).toEqual({directive: ':16', values: []}))

  test('nothing for an unknown command', async () =>
    expect(await tab('nothing', '')).toEqual({directive: ':4', values: []}))
})

/** Completes a command line of a command that has flags for contexts and namespaces. */
async function answer(...args: string[]) {
  const flag = (helpValue: string, more = {}) => ({type: 'option' as const, helpValue, ...more})
  const flags = {
    context: flag('CTX'),
    contexts: flag('CTX,CTX', {multiple: true}),
    kubeconfig: flag('FILE'),
    namespace: flag('NS', {char: 'n'}),
    network: flag('CTX=NET', {multiple: true}),
  }
  mkdirSync(join(folder, 'dist'), {recursive: true})
  const known = {commands: [{id: 'join', flags, args: {}}], topics: {}}
  writeFileSync(join(folder, 'dist', 'completion.json'), JSON.stringify(packKnown(known)))
  const script = join(folder, 'complete.mjs')
  writeFileSync(
    script,
    `import {complete} from ${JSON.stringify(`${root}dist/complete.js`)}\ncomplete(process.argv.slice(2), {root: new URL(${JSON.stringify(`file://${folder}/`)})})`,
  )
  const {stdout, stderr} = await run(script, args, {env})
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

describe('values of flags', () => {
  test('contexts of the KUBECONFIG list', async () => {
    expect(await answer('join', '--context', '')).toEqual(['east', 'prod/eu-1', 'west', 'with space', ':4'])
    expect(await answer('join', '--context=w')).toEqual(['west', 'with space', ':4'])
  })

  test('contexts of --kubeconfig', async () =>
    expect(await answer('join', '--kubeconfig', `${folder}/other`, '--context', '')).toEqual(['stage', ':4']))

  test('further items of a list', async () => {
    expect(await answer('join', '--contexts', 'east,')).toEqual([
      'east,prod/eu-1',
      'east,west',
      'east,with space',
      ':6',
    ])
    expect(await answer('join', '--contexts', 'east,we')).toEqual(['east,west', ':6'])
  })

  test('pairs', async () => expect(await answer('join', '--network', 'ea')).toEqual(['east=', ':6']))

  test('namespaces, read with kubectl from the context on the command line', async () => {
    writeFileSync(
      `${folder}/kubectl`,
      '#!/bin/sh\necho "$@" >> "$0.args"\nprintf "namespace/default\\nnamespace/istio-system\\n"\n',
    )
    chmodSync(`${folder}/kubectl`, 0o755)
    try {
      expect(await answer('join', '--context', 'east', '-n', '')).toEqual(['default', 'istio-system', ':4'])
      expect(await answer('join', '-n', 'is')).toEqual(['istio-system', ':4'])
      expect(readFileSync(`${folder}/kubectl.args`, 'utf8').split('\n')[0]).toContain('--context=east')
    } finally {
      rmSync(`${folder}/kubectl`)
    }
  })

  test('an error is an empty answer without a message', async () => {
    writeFileSync(join(folder, 'broken'), '{')
    expect(await answer('join', '--kubeconfig', `${folder}/broken`, '--context', '')).toEqual([':1'])
    expect(await answer('join', '-n', '')).toEqual([':1'])
  })

  test('a missing build is an empty answer', async () => {
    const script = join(folder, 'lost.mjs')
    writeFileSync(
      script,
      `import {complete} from ${JSON.stringify(`${root}dist/complete.js`)}\ncomplete([''], {root: new URL('file:///nowhere/')})`,
    )
    expect(await run(script, [])).toMatchObject({code: 0, stdout: ':1\n', stderr: ''})
  })
})
