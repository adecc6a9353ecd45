import {readFileSync} from 'node:fs'
import {expect, test} from 'vitest'
import build from './build.ts'
import {root} from './cli.ts'

const manifestText = () => readFileSync(`${root}oclif.manifest.json`, 'utf8')

test('a second build writes the same manifest', () => {
  const before = manifestText()
  build()
  expect(manifestText()).toBe(before)
})

test('contains no path of this machine, and help does not load commands', () => {
  expect(manifestText()).not.toContain(root)
  const {commands} = JSON.parse(manifestText())
  for (const [id, {hasDynamicHelp}] of Object.entries<{hasDynamicHelp: boolean}>(commands))
    expect(hasDynamicHelp, id).toBe(false)
})
