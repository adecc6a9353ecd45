import {mkdtemp, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {makeFolders} from '../../src/text/make-folders.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-make-'))
})
afterEach(() => rm(folder, {recursive: true}))

test('creates a folder and those above it, and leaves existing ones', async () => {
  const path = join(folder, 'a/b/c')
  await makeFolders(path, 0o700)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, 'a'))).mode & 0o700).toBe(0o700)
  await makeFolders(path)
  expect((await stat(path)).mode & 0o777).toBe(0o700)
})

test('a file in the way is an error', async () => {
  await writeFile(join(folder, 'file'), '')
  await expect(makeFolders(join(folder, 'file'))).rejects.toMatchObject({code: 'EEXIST'})
  await expect(makeFolders(join(folder, 'file/below'))).rejects.toMatchObject({code: 'ENOTDIR'})
})

test.skipIf(process.platform !== 'linux')('a file system that rejects folders is an error', async () => {
  await expect(makeFolders('/proc/kubectl-mesh/below')).rejects.toMatchObject({
    syscall: 'mkdir',
    path: '/proc/kubectl-mesh',
  })
})
