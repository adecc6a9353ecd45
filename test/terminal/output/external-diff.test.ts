import {chmod, mkdtemp, readdir, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import type {Step} from '../../../src/engine/plan/plan.ts'
import {externalDiff, runExternalDiff} from '../../../src/terminal/output/external-diff.ts'
import {configMap, creates, planOf, removes, secret, updates} from './steps.ts'

test.each([
  [undefined, undefined],
  ['', undefined],
  ['meld', ['meld']],
  ['colordiff -N -u', ['colordiff', '-N', '-u']],
  // As in kubectl, other words are dropped.
  ['dyff between --color=on $(rm) a;b', ['dyff', 'between', '--color=on']],
])('KUBECTL_EXTERNAL_DIFF=%s: %j', (value, expected) =>
  expect(externalDiff({KUBECTL_EXTERNAL_DIFF: value})).toEqual(expected),
)

describe('runExternalDiff', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-external-'))
  })
  afterEach(() => rm(folder, {recursive: true, force: true}))

  /** Runs a script as the program, which copies its folders to `folder`. */
  async function run(script: string, ...steps: Step[]) {
    const program = join(folder, 'program')
    await writeFile(program, `#!/bin/sh\necho "$@" > '${folder}/args'\ncp -R "$1" "$2" '${folder}'\n${script}\n`)
    await chmod(program, 0o755)
    return runExternalDiff([program, '-u', '-N'], [planOf(...steps)], 2)
  }
  const read = (path: string) => readFile(join(folder, path), 'utf8')

  test('passes both folders before the arguments, with one file per object that changes', async () => {
    const [before, after] = [configMap('istio', {a: '1'}), configMap('istio', {a: '2'})]
    const gateway = {...configMap('gw', {}), apiVersion: 'apps/v1', kind: 'Deployment'}
    const namespace = {apiVersion: 'v1', kind: 'Namespace', metadata: {name: 'istio-system'}}
    expect(
      await run(
        'exit 1',
        updates(before, after),
        creates(gateway),
        removes(namespace),
        updates(before, before, 'unchanged'),
      ),
    ).toBe(true)
    const names = [
      'east.apps.v1.Deployment.istio-system.gw',
      'east.v1.ConfigMap.istio-system.istio',
      'east.v1.Namespace..istio-system',
    ]
    expect(await readdir(join(folder, 'LIVE'))).toEqual(names)
    expect(await readdir(join(folder, 'MERGED'))).toEqual(names)
    expect(await read('LIVE/east.v1.ConfigMap.istio-system.istio')).toContain("a: '1'")
    expect(await read('MERGED/east.v1.ConfigMap.istio-system.istio')).toContain("a: '2'")
    expect(await read('LIVE/east.apps.v1.Deployment.istio-system.gw')).toBe('')
    expect(await read('MERGED/east.v1.Namespace..istio-system')).toBe('')
    const [live, merged, ...args] = (await read('args')).trim().split(' ')
    expect([live, merged]).toEqual([expect.stringMatching(/\/LIVE$/), expect.stringMatching(/\/MERGED$/)])
    expect(args).toEqual(['-u', '-N'])
    // The temporary folders are gone.
    await expect(readdir(live!)).rejects.toThrow('ENOENT')
  })

  test('masks Secrets, equal values alike', async () => {
    await run('exit 0', updates(secret('s', {same: 'one', key: 'one'}), secret('s', {same: 'one', key: 'two'})))
    const [live, merged] = [
      await read('LIVE/east.v1.Secret.istio-system.s'),
      await read('MERGED/east.v1.Secret.istio-system.s'),
    ]
    expect(live + merged).not.toMatch(/b25l|dHdv/)
    const values = (text: string) => [...text.matchAll(/(key|same): (.*)/g)].map(([, key, value]) => [key, value])
    const [before, after] = [Object.fromEntries(values(live)), Object.fromEntries(values(merged))]
    expect(before.same).toBe(after.same)
    expect(before.key).not.toBe(after.key)
  })

  test('a name cannot lead out of the folder', async () => {
    await run('exit 0', creates(configMap('../../x', {})))
    expect(await readdir(join(folder, 'MERGED'))).toEqual(['east.v1.ConfigMap.istio-system...%2F..%2Fx'])
  })

  test('exit code 0: no differences', async () => expect(await run('exit 0')).toBe(false))

  test.each([2, 127])('exit code %d is an error', async code =>
    expect(run(`exit ${code}`)).rejects.toMatchObject({
      exit: 3,
      message: expect.stringContaining(`(KUBECTL_EXTERNAL_DIFF) failed with exit code ${code}`),
    }),
  )

  test('so is a program that does not exist', async () =>
    expect(runExternalDiff(['/does/not/exist'], [planOf()], 2)).rejects.toMatchObject({
      exit: 3,
      message: 'KUBECTL_EXTERNAL_DIFF=/does/not/exist: no executable file with this name',
    }))

  test('a program without a path is looked up in PATH', async () =>
    expect(runExternalDiff(['no-such-program'], [planOf()], 2)).rejects.toMatchObject({
      exit: 3,
      problems: [
        {message: 'no-such-program is not in PATH', hints: [expect.stringContaining('KUBECTL_EXTERNAL_DIFF')]},
      ],
    }))
})
