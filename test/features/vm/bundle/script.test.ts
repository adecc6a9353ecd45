import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {selfInstaller} from '../../../../src/features/vm/bundle/script.ts'
import {sourceOf} from './support.ts'

test('extracts its files, runs install.sh with its arguments and removes the files', () => {
  const install = 'echo "$1:$(cat "$(dirname "$0")/data")"; dirname "$0" >&2\n'
  const data = `${'ä"$HOME `x`\n'.repeat(40)}end`
  const script = selfInstaller(sourceOf(), {
    data: {text: data, mode: 0o644},
    'install.sh': {text: install, mode: 0o700},
  })
  const {stdout, stderr, status} = spawnSync('sh', ['-s', 'check'], {input: script})
  expect(stdout.toString()).toBe(`check:${data}\n`)
  expect(status).toBe(0)
  expect(spawnSync('test', ['-e', stderr.toString().trim()]).status).toBe(1)
})
