import {chmodSync, mkdirSync, readdirSync, rmSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {writeFiles} from '../../../../src/features/vm/write/write-bundle.ts'
import type {Files} from '../../../../src/text/files.ts'
import {tempFolder} from '../../../pki/support.ts'

let umask: number
beforeEach(() => {
  umask = process.umask(0o077)
})
afterEach(() => process.umask(umask))

const files: Files = {
  public: {text: 'a', mode: 0o644},
  script: {text: 'b', mode: 0o700},
  token: {text: 'c', mode: 0o600},
}

/** Inode and mode of each file. A file that is replaced gets another inode. */
function stateOf(folder: string): string[] {
  return readdirSync(folder).map(name => {
    const {ino, mode} = statSync(join(folder, name))
    return `${name} ${ino} ${(mode & 0o777).toString(8)}`
  })
}

test('with umask 077, a second run writes nothing', async () => {
  const folder = join(tempFolder(), 'bundle')
  await writeFiles(folder, files)
  const before = stateOf(folder)
  expect(before.map(line => line.split(' ')[2])).toEqual(['600', '700', '600'])
  await writeFiles(folder, files)
  expect(stateOf(folder)).toEqual(before)
})

test('a file with more permissions, or without those of its owner, is replaced', async () => {
  const folder = join(tempFolder(), 'bundle')
  await writeFiles(folder, files)
  chmodSync(join(folder, 'token'), 0o640)
  chmodSync(join(folder, 'script'), 0o600)
  await writeFiles(folder, files)
  expect(stateOf(folder).map(line => line.split(' ')[2])).toEqual(['600', '700', '600'])
})

test('a failure after the first file has exit code 4, and names the files that were written', async () => {
  const folder = join(tempFolder(), 'bundle')
  await writeFiles(folder, files)
  const changed: Files = {public: {text: 'a2', mode: 0o644}, script: {text: 'b2', mode: 0o700}}
  rmSync(join(folder, 'script'))
  mkdirSync(join(folder, 'script'))
  await expect(writeFiles(folder, changed)).rejects.toMatchObject({
    exit: 4,
    message: expect.stringMatching(/script: EISDIR.*; written so far: public$/),
  })
  const first: Files = {script: {text: 'b3', mode: 0o700}}
  await expect(writeFiles(folder, first)).rejects.toMatchObject({code: 'EISDIR'})
})
