import {expect, test} from 'vitest'
import {bin, root, run} from './cli.ts'

const env = {KUBECONFIG: '/dev/null', HOME: undefined}
const files = ['-f', `${root}docs/mesh-files`]

test('graph -f needs no cluster, no kubeconfig and no home folder', async () => {
  const {code, stdout, stderr} = await run(bin, ['graph', ...files, '-o', 'mermaid'], {env})
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toMatch(/^flowchart LR\n/)
})

test('a flag that concerns clusters conflicts with -f, and -R needs it', async () => {
  expect(await run(bin, ['graph', ...files, '--contexts', 'a,b'], {env})).toMatchObject({
    ...{code: 2, stdout: ''},
    stderr: expect.stringContaining('--contexts conflicts with -f: no cluster is read'),
  })
  expect(await run(bin, ['graph', '-R'], {env})).toMatchObject({code: 2, stderr: expect.stringContaining('-f DIR')})
})
