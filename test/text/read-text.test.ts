import {execFileSync} from 'node:child_process'
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

test.skipIf(process.platform === 'win32')(
  'a folder and a named pipe are refused, and the pipe of a shell is read',
  async () => {
    await expect(readBytes(folder)).rejects.toMatchObject({
      code: 'EISDIR',
      message: `EISDIR: ${folder} is a folder; expected a file`,
    })
    const pipe = join(folder, 'pipe')
    execFileSync('mkfifo', [pipe])
    await expect(readBytes(pipe)).rejects.toMatchObject({exit: 2, message: `${pipe} is a named pipe; expected a file`})
    const script = `import {readText} from '${join(import.meta.dirname, '../../src/text/read-text.ts')}'; console.log(await readText(process.argv[1]))`
    const line = '"$node" --input-type=module -e "$script" <(sleep 0.2; echo late)'
    const env = {...process.env, node: process.execPath, script}
    expect(execFileSync('bash', ['-c', line], {encoding: 'utf8', env})).toBe('late\n\n')
  },
)

test('a missing file is an error of the operating system', async () => {
  await expect(readText(join(folder, 'none'))).rejects.toMatchObject({code: 'ENOENT'})
})

test('the synchronous form reads pipes and devices up to its limit too, and quotes no path', async () => {
  await writeFile(join(folder, 'b'), 'x'.repeat(200_000))
  expect(readBytesSync(join(folder, 'b')).toString()).toBe('x'.repeat(200_000))
  expect(() => readBytesSync('/dev/zero', 1000)).toThrow(/^the file is larger than the limit of 1000 bytes$/)
  expect(() => readBytesSync(join(folder, 'none'))).toThrow(/ENOENT/)
})
