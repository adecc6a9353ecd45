import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {maxFileBytes, readText} from '../../src/text/read-text.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-read-'))
})
afterAll(() => rm(folder, {recursive: true}))

test('reads a file', async () => {
  await writeFile(join(folder, 'a'), 'ü\n')
  expect(await readText(join(folder, 'a'))).toBe('ü\n')
})

test('a file without an end is not read to the end', async () => {
  await expect(readText('/dev/zero')).rejects.toThrow(`/dev/zero is larger than the limit of ${maxFileBytes} bytes`)
})

test('a missing file is an error of the operating system', async () => {
  await expect(readText(join(folder, 'none'))).rejects.toMatchObject({code: 'ENOENT'})
})
