import {chmod, mkdir, mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {delimiter, join} from 'node:path'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {failureOf} from '../../src/terminal/failure.ts'
import {findTool, lastError, runFoundTool, runTool} from '../../src/tools/run-tool.ts'

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'run-tool-'))
  for (const name of ['a', 'b']) {
    await mkdir(join(folder, name))
    await writeFile(join(folder, name, 'tool'), `#!/bin/sh\necho ${name}\n`)
  }
  await chmod(join(folder, 'b', 'tool'), 0o755)
})

afterAll(() => rm(folder, {recursive: true}))

describe('runTool', () => {
  test('passes stdin and returns the output and the exit code', async () => {
    const script = 'cat; echo problem >&2; exit 3'
    expect(await runTool('sh', ['-c', script], {input: 'secret'})).toEqual({
      code: 3,
      stdout: 'secret',
      stderr: 'problem\n',
    })
  })

  test('passes arguments without a shell', async () => {
    expect((await runTool('printf', ['%s', '$HOME; exit 1'])).stdout).toBe('$HOME; exit 1')
  })

  test('accepts a program that does not read a long input', async () => {
    expect(await runTool('true', [], {input: 'x'.repeat(1_000_000)})).toMatchObject({code: 0})
  })

  test('returns -1 for a program that a signal ended', async () => {
    expect(await runTool('sh', ['-c', 'kill -9 $$'])).toMatchObject({code: -1})
  })

  test('rejects if the program does not exist or the signal aborts', async () => {
    await expect(runTool('/nowhere/tool', [])).rejects.toMatchObject({code: 'ENOENT', syscall: 'spawn /nowhere/tool'})
    const reason = new Error('SIGINT')
    await expect(runTool('sleep', ['10'], {signal: AbortSignal.abort(reason)})).rejects.toBe(reason)
  })

  test('an interrupt is no failure of the program, whether it reaches the program or the signal first', async () => {
    await expect(runTool('sh', ['-c', 'kill -INT $$'])).rejects.toMatchObject({message: 'SIGINT'})
    const stop = new AbortController()
    const reason = new Error('SIGINT')
    const running = runFoundTool('sh', ['-c', 'sleep 10; exit 3'], {signal: stop.signal})
    stop.abort(reason)
    await expect(running).rejects.toBe(reason)
    expect(failureOf(reason, undefined)).toMatchObject({exit: 130, problems: [{message: 'interrupted'}]})
  })
})

test('a program that cannot be started is reported with exit 3', async () => {
  await expect(runFoundTool('/nowhere/tool', [])).rejects.toMatchObject({
    exit: 3,
    problems: [{message: expect.stringMatching(/^cannot run \/nowhere\/tool: .*ENOENT/)}],
  })
})

describe('findTool', () => {
  test('returns the first executable file in PATH', async () => {
    const path = ['', join(folder, 'missing'), join(folder, 'a'), join(folder, 'b')].join(delimiter)
    expect(await findTool('tool', path)).toBe(join(folder, 'b', 'tool'))
    expect(await findTool('other', path)).toBeUndefined()
  })

  test('takes a name with a slash as a path', async () => {
    expect(await findTool(join(folder, 'b/tool'), '')).toBe(join(folder, 'b/tool'))
    expect(await findTool(join(folder, 'a/tool'), join(folder, 'b'))).toBeUndefined()
  })
})

test.each([
  ['Error: first\nusage: tool', 'first'],
  ['error: a\nError: b\nhelp', 'b'],
  ['warning\nfailed\n\n', 'failed'],
  ['', 'no message on standard error'],
])('the last error of %j is %s', (stderr, expected) => expect(lastError(stderr)).toBe(expected))
