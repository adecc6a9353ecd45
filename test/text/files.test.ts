import {chmod, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {replaceFile} from '../../src/text/files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-files-'))
})
afterEach(() => rm(folder, {recursive: true}))

test('a file is replaced whole, with its mode, whatever it had', async () => {
  const path = join(folder, 'token')
  await replaceFile(path, {text: 'one', mode: 0o600})
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await chmod(path, 0o666)
  await replaceFile(path, {text: 'two', mode: 0o600})
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['token'])
})

test('what can not be replaced leaves nothing behind', async () => {
  await writeFile(join(folder, 'x'), '')
  await expect(replaceFile(join(folder, 'x', 'y'), {text: 'one', mode: 0o600})).rejects.toThrow()
  await expect(replaceFile(folder, {text: 'one', mode: 0o600})).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['x'])
})
