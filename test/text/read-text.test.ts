import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {maxFileBytes, readBytes, readBytesSync, readText} from '../../src/text/read-text.ts'

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
  for (const read of [readText, readBytes])
    await expect(read('/dev/zero')).rejects.toMatchObject({
      exit: 2,
      message: `/dev/zero is larger than the limit of ${maxFileBytes} bytes (4 MiB)`,
    })
})

test('a missing file is an error of the operating system', async () => {
  await expect(readText(join(folder, 'none'))).rejects.toMatchObject({code: 'ENOENT'})
})

test('the synchronous form reads pipes and devices up to its limit too, and quotes no path', async () => {
  await writeFile(join(folder, 'b'), 'x'.repeat(200_000))
  expect(readBytesSync(join(folder, 'b')).toString()).toBe('x'.repeat(200_000))
  expect(() => readBytesSync('/dev/zero', 1000)).toThrow(/^the file is larger than the limit of 1000 bytes$/)
  expect(() => readBytesSync(join(folder, 'none'))).toThrow(/ENOENT/)
})
