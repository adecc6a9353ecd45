import {mkdtempSync, symlinkSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {describe, expect, test} from 'vitest'
import {bin, executable, run, shell} from './cli.ts'

/** What bash offers after some words; the last one is at the cursor. */
async function offers(words: string[], from: 'kubectl-mesh' | 'kubectl' = 'kubectl'): Promise<string[]> {
  const {stdout: script} = await run(bin, ['completion', 'bash'])
  const folder = mkdtempSync(join(tmpdir(), 'mesh-completion-'))
  const all = from === 'kubectl' ? ['kubectl', 'mesh', ...words] : ['kubectl-mesh', ...words]
  // compopt works only while a completion is running.
  const lines = [
    'compopt() { :; }',
    '__start_kubectl() { COMPREPLY=(of-kubectl); }',
    script,
    `COMP_WORDS=(${all.map(word => `'${word}'`).join(' ')}); COMP_CWORD=${all.length - 1}`,
    from === 'kubectl' ? '__kubectl_mesh_kubectl' : '__kubectl_mesh_direct',
    `printf "%s\\n" "\${COMPREPLY[@]}"`,
  ]
  writeFileSync(join(folder, 'try.bash'), lines.join('\n'))
  if (executable) symlinkSync(executable, join(folder, 'kubectl_complete-mesh'))
  const {stdout, stderr} = await shell(`PATH="${folder}:$(dirname "$node"):$PATH" bash ${join(folder, 'try.bash')}`)
  expect(stderr).toBe('')
  return stdout.trimEnd().split('\n')
}

describe('kubectl mesh completion bash', () => {
  test('completes commands and flags of kubectl mesh and kubectl-mesh', async () => {
    expect(await offers(['federate', 'ver'])).toEqual(['verify'])
    expect(await offers(['federate', 'ver'], 'kubectl-mesh')).toEqual(['verify'])
    expect(await offers(['version', '--out'])).toEqual(expect.arrayContaining(['--output']))
    // bash splits words at =.
    expect(await offers(['version', '--output', '=', 'js'])).toEqual(['json'])
    expect(await offers(['version', '--output', '='])).toEqual(['json', 'yaml'])
  })
})

test.each(['bash', 'zsh', 'fish', 'powershell'])('%s: a script that calls the program', async name => {
  const {code, stdout, stderr} = await run(bin, ['completion', name])
  expect({code, stderr}).toEqual({code: 0, stderr: ''})
  expect(stdout).toContain(executable ? 'kubectl_complete-mesh' : 'bin/complete.js')
  expect(stdout).toContain('kubectl-mesh')
})

test('another shell, and a link together with a script, are refused', async () => {
  expect((await run(bin, ['completion', 'tcsh'])).code).toBe(2)
  expect((await run(bin, ['completion', 'bash', '--link', '/tmp'])).code).toBe(2)
})
