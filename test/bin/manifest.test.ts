import {mkdirSync, mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {expect, test} from 'vitest'
import {make} from '../../scripts/make.ts'
import {root} from './cli.ts'

const manifestText = () => readFileSync(`${root}oclif.manifest.json`, 'utf8')

test('a second build writes the same manifest', async () => {
  mkdirSync(`${root}.tmp`, {recursive: true})
  // Not the folder of the first build: the other test files run that one meanwhile.
  const folder = mkdtempSync(`${root}.tmp/manifest-`)
  try {
    await make(root, folder)
    expect(readFileSync(join(folder, 'oclif.manifest.json'), 'utf8')).toBe(manifestText())
  } finally {
    rmSync(folder, {recursive: true})
  }
})

test('contains no path of this machine, and help does not load commands', () => {
  expect(manifestText()).not.toContain(root)
  const {commands} = JSON.parse(manifestText())
  for (const [id, {hasDynamicHelp}] of Object.entries<{hasDynamicHelp: boolean}>(commands))
    expect(hasDynamicHelp, id).toBe(false)
})
