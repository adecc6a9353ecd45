import {mkdir, mkdtemp, readdir, rm, symlink, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {usageError} from '../../src/errors.ts'
import {cannotRead, describeFileErrors, fileReason} from '../../src/text/file-errors.ts'
import {readText} from '../../src/text/read-text.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-errors-'))
  await writeFile(join(folder, 'file'), '')
  await mkdir(join(folder, 'sub'))
  await symlink('loop', join(folder, 'loop'))
})
afterAll(() => rm(folder, {recursive: true}))

const read = (...path: string[]) => {
  const file = join(folder, ...path)
  return readText(file).catch(cannotRead(file))
}

test.each([
  [['none.yaml'], 'none.yaml: no such file', 'check the path: ls -la FOLDER'],
  [['no', 'such', 'none.yaml'], 'no/such/none.yaml: no such file', 'check the path: ls -la FOLDER'],
  [['file', 'in'], 'file/in: not a folder', 'check the path: ls -la FOLDER/file'],
  [['loop'], 'loop: symbolic links form a loop', 'check the path: ls -la FOLDER'],
  [['sub'], 'sub: expected a file, found a folder', 'name one of its files: ls FOLDER/sub'],
])('%j', async (path, reason, hint) => {
  await expect(read(...path)).rejects.toMatchObject({
    exit: 2,
    problems: [
      {
        message: `cannot read ${folder}/${reason}`,
        hints: [hint.replace('FOLDER', folder)],
      },
    ],
  })
})

test('errors that are none of the operating system stay as they are', async () => {
  const known = usageError('too large')
  expect(() => cannotRead('a')(known)).toThrow(known)
  const bug = new TypeError('x is undefined')
  expect(() => cannotRead('a')(bug)).toThrow(bug)
  expect(fileReason(known)).toBe('too large')
})

test('a very long name is shortened', async () => {
  const error = Object.assign(new Error('x'), {code: 'ENAMETOOLONG', path: 'a'.repeat(5000)})
  expect(() => cannotRead('a')(error)).toThrow(/^cannot read a{60}… \(5000 characters\): name is too long$/)
})

test('a folder that cannot be written', async () => {
  const missing = join(folder, 'none', 'sub')
  await expect(describeFileErrors(folder, () => readdir(missing))).rejects.toMatchObject({
    exit: 2,
    problems: [{message: `${missing}: no such file or folder`, hints: [`check the folder: ls -la ${folder}`]}],
  })
  await expect(describeFileErrors(join(folder, 'none'), () => readdir(missing))).rejects.toMatchObject({
    problems: [{hints: [`check the folder: ls -la ${folder}`]}],
  })
})
