import {spawnSync} from 'node:child_process'
import {chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'
import {
  belongsToOther,
  createFile,
  createFolder,
  findAbove,
  removeLeftovers,
  replaceFile,
  replaceFolder,
  TakenError,
} from '../../src/text/files.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-files-'))
})
afterEach(() => rm(folder, {recursive: true}))

test('replaceFile sets content and mode, whatever the mode of the old file', async () => {
  const path = join(folder, 'token')
  await replaceFile(path, {text: 'one', mode: 0o600})
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  await chmod(path, 0o666)
  await replaceFile(path, {text: 'two', mode: 0o600})
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['token'])
})

test('a failed replaceFile leaves no temporary files', async () => {
  await writeFile(join(folder, 'x'), '')
  await expect(replaceFile(join(folder, 'x', 'y'), {text: 'one', mode: 0o600})).rejects.toThrow()
  await expect(replaceFile(folder, {text: 'one', mode: 0o600})).rejects.toThrow()
  expect(await readdir(folder)).toEqual(['x'])
})

test('folders are created once, and replaced as a whole', async () => {
  const target = join(folder, 'east')
  await createFolder(target, {a: {text: 'one', mode: 0o600}})
  await expect(createFolder(target, {a: {text: 'two', mode: 0o600}})).rejects.toThrow(TakenError)
  await replaceFolder(target, {b: {text: 'three', mode: 0o644}})
  expect(await readdir(target)).toEqual(['b'])
  expect((await stat(target)).mode & 0o777).toBe(0o700)
  expect(await readdir(folder)).toEqual(['east'])
})

test('createFile replaces no file', async () => {
  const path = join(folder, 'key')
  await createFile(path, {text: 'one', mode: 0o600})
  await expect(createFile(path, {text: 'two', mode: 0o600})).rejects.toThrow(TakenError)
  expect(await readFile(path, 'utf8')).toBe('one')
})

test('errors name the folder or the file of the user, not the temporary one', async () => {
  const file = {text: 'one', mode: 0o600} as const
  const none = join(folder, 'none')
  await expect(createFile(join(none, 'x'), file)).rejects.toMatchObject({code: 'ENOENT', path: none})
  const long = join(folder, 'x'.repeat(300))
  await expect(createFile(long, file)).rejects.toMatchObject({code: 'ENAMETOOLONG', path: long})
  // The file in the temporary folder cannot be created.
  await expect(createFolder(join(folder, 'new'), {'a/b': file})).rejects.toMatchObject({
    code: 'ENOENT',
    path: join(folder, 'new'),
  })
  expect(await readdir(folder)).toEqual([])
})

test('an entry is found in a folder or in the nearest one above it, also from a folder that does not exist', async () => {
  await mkdir(join(folder, 'a/b'), {recursive: true})
  for (const path of ['.name', 'a/.name']) await writeFile(join(folder, path), '')
  expect(await findAbove(join(folder, 'a/b/new'), '.name')).toBe(join(folder, 'a/.name'))
  expect(await findAbove(join(folder, 'a'), '.name')).toBe(join(folder, 'a/.name'))
  expect(await findAbove(folder, '.name')).toBe(join(folder, '.name'))
  expect(await findAbove(folder, '.kubectl-mesh-none')).toBeUndefined()
})

test('neither root nor the user is another owner', () => {
  expect([0, process.getuid!(), 54_321].map(belongsToOther)).toEqual([false, false, true])
})

test('removeLeftovers removes temporary folders of ended processes only', async () => {
  const ended = spawnSync('true').pid
  await Promise.all(
    [`.east.part-${ended}-x`, `.east.part-${process.pid}-x`, `.west.part-${ended}-x`].map(name =>
      mkdir(join(folder, name)),
    ),
  )
  await removeLeftovers(join(folder, 'east'))
  expect((await readdir(folder)).sort()).toEqual([`.east.part-${process.pid}-x`, `.west.part-${ended}-x`].sort())
})
