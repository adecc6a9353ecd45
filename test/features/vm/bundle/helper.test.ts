import {spawnSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {helperScript} from '../../../../src/features/vm/bundle/helper.ts'
import {sourceOf} from './support.ts'

test('is valid shell', () => {
  expect(spawnSync('sh', ['-n'], {input: helperScript(sourceOf())}).stderr.toString()).toBe('')
})

test.each([
  [undefined, "gateway=''"],
  ['lb.example.com', 'gateway=lb.example.com'],
])('resolves the host name of the gateway, if there is one: %s', (hostName, line) => {
  expect(helperScript(sourceOf({gateway: {addresses: [], hostName}})).split('\n')).toContain(line)
})

test('quotes values for the shell', () => {
  expect(helperScript(sourceOf({name: "it's"}))).toContain(`vm='it'\\''s'`)
})

test.each(['', 'unknown'])('prints its usage for %j', command => {
  const {status, stderr} = spawnSync('sh', ['-s', command], {input: helperScript(sourceOf())})
  expect(status).toBe(1)
  expect(stderr.toString()).toContain('usage: kubectl-mesh-vm prepare|check|renew')
})
