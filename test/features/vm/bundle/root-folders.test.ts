import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {helperScript} from '../../../../src/features/vm/bundle/helper.ts'
import {installScript} from '../../../../src/features/vm/bundle/install.ts'
import {rootFolders} from '../../../../src/features/vm/bundle/root-folders.ts'
import {sourceOf} from './support.ts'

test('is valid shell', () => {
  expect(spawnSync('sh', ['-n'], {input: rootFolders}).stderr.toString()).toBe('')
})

// test/integration/vm/machine.test.ts runs the functions on a machine, with an attacker.
test.each([
  ['install.sh', installScript(sourceOf())],
  ['the helper', helperScript(sourceOf())],
])('%s changes owners and modes only through these functions', (_, script) => {
  expect(script).toContain(rootFolders)
  const rest = script.replace(rootFolders, '')
  expect(rest).not.toMatch(/install -d|\bmv "\$2|install -o/)
  expect(rest.match(/^.*\bchown .*$/gm) ?? []).toEqual(
    rest.includes('do_uninstall') ? [expect.stringContaining('[ ! -L "$folder" ]')] : [],
  )
})
