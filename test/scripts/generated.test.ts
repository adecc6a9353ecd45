import {cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {differences} from '../../scripts/generated.ts'

let folder: string
let root: string
let made: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'mesh-generated-'))
  root = join(folder, 'root')
  made = join(folder, 'made')
  mkdirSync(join(made, 'docs/commands'), {recursive: true})
  for (const path of ['oclif.manifest.json', 'docs/commands/a.md', 'docs/mesh-file.md'])
    writeFileSync(join(made, path), path)
  cpSync(made, root, {recursive: true})
})
afterEach(() => rmSync(folder, {recursive: true}))

test('nothing, when all is as it shall be', () => {
  writeFileSync(join(root, 'docs/design.md'), 'written by hand')
  expect(differences(root, made)).toEqual([])
})

test('each file that differs, is missing or is too many', () => {
  writeFileSync(join(root, 'oclif.manifest.json'), 'other')
  writeFileSync(join(root, 'docs/commands/gone.md'), '')
  rmSync(join(root, 'docs/mesh-file.md'))
  expect(differences(root, made)).toEqual([
    'docs/commands/gone.md: no source gives this file',
    'docs/mesh-file.md: is missing',
    'oclif.manifest.json: is not what the sources give',
  ])
})
