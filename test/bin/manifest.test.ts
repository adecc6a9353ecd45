import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import build from './build.ts'
import {root} from './cli.ts'

const manifestText = () => readFileSync(`${root}oclif.manifest.json`, 'utf8')

test('is the same when it is built again', () => {
  const before = manifestText()
  build()
  expect(manifestText()).toBe(before)
})

test('knows nothing of this machine, and needs no code for help', () => {
  expect(manifestText()).not.toContain(root)
  const {commands} = JSON.parse(manifestText())
  for (const [id, {hasDynamicHelp}] of Object.entries<{hasDynamicHelp: boolean}>(commands))
    expect(hasDynamicHelp, id).toBe(false)
})
