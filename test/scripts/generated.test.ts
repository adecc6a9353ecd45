import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {differences} from '../../scripts/generated.ts'

let folder: string
let root: string
let fresh: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-generated-'))
  root = join(folder, 'root')
  fresh = join(folder, 'fresh')
  mkdirSync(join(fresh, 'docs/commands'), {recursive: true})
  for (const path of ['oclif.manifest.json', 'docs/commands/a.md', 'docs/mesh-file.md'])
    writeFileSync(join(fresh, path), path)
  cpSync(fresh, root, {recursive: true})
})
afterEach(() => rmSync(folder, {recursive: true}))

test('no differences', () => {
  writeFileSync(join(root, 'docs/design.md'), 'not generated')
  expect(differences(root, fresh)).toEqual([])
})

test('outdated, missing and obsolete files', () => {
  writeFileSync(join(root, 'oclif.manifest.json'), 'other')
  writeFileSync(join(root, 'docs/commands/gone.md'), '')
  rmSync(join(root, 'docs/mesh-file.md'))
  expect(differences(root, fresh)).toEqual([
    'docs/commands/gone.md: obsolete, no source generates this file',
    'docs/mesh-file.md: missing',
    'oclif.manifest.json: outdated',
  ])
})
