import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {installScript} from '../../../../src/features/vm/bundle/install.ts'
import {sourceOf} from './support.ts'

const script = installScript(sourceOf())

test('is valid shell', () => {
  expect(spawnSync('sh', ['-n'], {input: script}).stderr.toString()).toBe('')
})

test('checks the requirements before it changes anything', () => {
  const body = script.slice(script.indexOf('do_install() {'))
  expect(body.split('\n')[1]).toBe('  check')
})

test('prints its usage for an unknown command, with exit code 2', () => {
  const {status, stderr} = spawnSync('sh', ['-s', 'unknown'], {input: script})
  expect(status).toBe(2)
  expect(stderr.toString()).toContain('[install|check|uninstall]')
})

test('contains no secret', () => {
  expect(installScript(sourceOf({token: 'aa.bb.cc'}))).not.toContain('aa.bb.cc')
})
