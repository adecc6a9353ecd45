import {spawnSync} from 'node:child_process'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {bin} from '../../bin/cli.ts'
import {snapshot} from '../../pki/folder/support.ts'
import {tempFolder} from '../../pki/support.ts'

test('with umask 077, a second run of ca init and ca issue writes nothing', () => {
  const dir = join(tempFolder(), 'ca')
  const run = (umask: string, ...args: string[]) => {
    const words = ['-c', 'umask "$0" && exec "$@"', umask, process.execPath, bin, 'ca', ...args]
    return spawnSync('sh', words, {encoding: 'utf8'})
  }
  const lines = [
    ['init', '--dir', dir],
    ['issue', '--dir', dir, '--cluster', 'east'],
  ]
  for (const line of lines) expect(run('077', ...line)).toMatchObject({status: 0})
  const before = snapshot(dir)
  expect(Object.values(before).every(state => /^[67]00/.test(state))).toBe(true)
  for (const umask of ['077', '022']) for (const line of lines) expect(run(umask, ...line)).toMatchObject({status: 3})
  expect(run('077', 'status', '--dir', dir)).toMatchObject({status: 0, stderr: ''})
  expect(snapshot(dir)).toEqual(before)
})
