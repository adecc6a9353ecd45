import {execFile} from 'node:child_process'
import {mkdtemp, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, expect, test} from 'vitest'

const script = join(import.meta.dirname, '../../scripts/test.ts')
const passesTheSecondTime = `
  import {existsSync, writeFileSync} from 'node:fs'
  test('once', () => {
    const ran = existsSync('ran')
    writeFileSync('ran', '')
    expect(ran).toBe(true)
  })`
const neverPasses = `test('never', () => expect(1).toBe(2))`

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-test-'))
})
afterEach(() => rm(folder, {recursive: true}))

/** Runs the script with test files, by name, in an empty folder. */
async function run(files: Record<string, string>, env: {CI?: string} = {CI: 'true'}) {
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, `${name}.test.ts`), text)
  const args = [script, '--globals', '--root', folder]
  const {VITEST: _, VITEST_WORKER_ID: _id, VITEST_POOL_ID: _pool, CI: _ci, ...outer} = process.env
  return new Promise<{code: number; stderr: string}>(resolve =>
    execFile(process.execPath, args, {cwd: folder, env: {...outer, ...env}}, (error, _stdout, stderr) =>
      resolve({code: typeof error?.code === 'number' ? error.code : 0, stderr}),
    ),
  )
}

test('with CI=true, a file that failed runs once more, and is named', async () => {
  const {code, stderr} = await run({once: passesTheSecondTime, passes: `test('passes', () => {})`})
  expect(code).toBe(0)
  expect(stderr).toContain('These files failed and run once more: once.test.ts\n')
  expect(stderr).toMatch(/unstable: once\.test\.ts failed, and passed when it ran once more\n$/)
})

test('a file that fails twice fails the run', async () => {
  const {code, stderr} = await run({once: passesTheSecondTime, never: neverPasses})
  expect(code).toBe(1)
  expect(stderr).toContain('unstable: once.test.ts')
  expect(stderr).not.toContain('unstable: never.test.ts')
})

test('without CI, nothing runs again', async () => {
  const {code, stderr} = await run({once: passesTheSecondTime}, {})
  expect(code).toBe(1)
  expect(stderr).not.toContain('once more')
})

test('more than three failed files do not run again', async () => {
  const {code, stderr} = await run({once: passesTheSecondTime, a: neverPasses, b: neverPasses, c: neverPasses})
  expect(code).toBe(1)
  expect(stderr).not.toContain('once more')
})
