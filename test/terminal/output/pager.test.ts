import {chmod, mkdtemp, open, readFile, rm, writeFile} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {PassThrough} from 'node:stream'
import {afterEach, beforeEach, describe, expect, test} from 'vitest'
import {fits, ignoringInterrupts, pagerOf, showText} from '../../../src/terminal/output/pager.ts'

test.each([
  [{}, 'less -R'],
  [{PAGER: 'more'}, 'more'],
  [{PAGER: 'more', KUBECTL_MESH_PAGER: 'most -s'}, 'most -s'],
  [{PAGER: 'more', KUBECTL_MESH_PAGER: ''}, undefined],
  [{PAGER: 'cat'}, undefined],
  [{PAGER: 'more', TERM: 'dumb'}, undefined],
])('pager of %j: %s', (env, pager) => expect(pagerOf(env)).toBe(pager))

test.each([
  ['a\nb\n', 3, true],
  ['a\nb\nc\n', 3, false],
  [`${'x'.repeat(21)}\n`, 3, false],
  ['\u001b[31ma\u001b[39m\nb\n', 3, true],
  ['東'.repeat(10), 3, true],
])('%j fits on %d rows of 10 columns: %s', (text, rows, expected) =>
  expect(fits(text, {rows, columns: 10})).toBe(expected),
)

describe('showText', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'kubectl-mesh-pager-'))
  })
  afterEach(() => rm(folder, {recursive: true, force: true}))

  /** Shows a text, and returns what was written to the stream directly and what the pager received. */
  async function show(text: string, script: string | undefined, {interactive = true, env = {}} = {}) {
    const pager = join(folder, 'pager')
    if (script !== undefined) await writeFile(pager, `#!/bin/sh\n${script}\n`)
    if (script !== undefined) await chmod(pager, 0o755)
    const file = await open(join(folder, 'out'), 'w')
    const stream = Object.assign(new PassThrough({encoding: 'utf8'}), {isTTY: true, rows: 3, columns: 80, fd: file.fd})
    const environment = {PATH: process.env.PATH, LANG: 'C.UTF-8', KUBECTL_MESH_PAGER: `'${pager}' -x`, ...env}
    await showText(text, {interactive}, stream, environment)
    await file.close()
    return {direct: stream.read() as string | null, paged: await readFile(join(folder, 'out'), 'utf8')}
  }
  const long = 'a\nb\nc\nd\n'

  test('a long text is for the pager, with its arguments and the defaults of less', async () =>
    expect(await show(long, 'echo "$1 $LESS"; cat')).toEqual({direct: null, paged: `-x FRX\n${long}`}))

  test('a short text needs none', async () => expect(await show('a\n', 'cat')).toEqual({direct: 'a\n', paged: ''}))

  test('neither does a run without a terminal', async () =>
    expect(await show(long, 'cat', {interactive: false})).toEqual({direct: long, paged: ''}))

  test('a pager that does not exist is replaced', async () =>
    expect(await show(long, undefined)).toEqual({direct: long, paged: ''}))

  test('leaving the pager early is no failure', async () =>
    expect(await show('line\n'.repeat(100_000), 'head -1')).toEqual({direct: null, paged: 'line\n'}))

  test('without UTF-8 the pager gets ASCII', async () =>
    expect((await show('✔ a\nb\nc\n', 'cat', {env: {LANG: 'C'}})).paged).toBe('+ a\nb\nc\n'))
})

test('Ctrl-C in a pager does not reach the listeners of the run, once or permanent', async () => {
  const seen: string[] = []
  const always = () => void seen.push('always')
  process.on('SIGINT', always)
  process.once('SIGINT', () => void seen.push('once'))
  try {
    await ignoringInterrupts(async () => void process.emit('SIGINT', 'SIGINT'))
    expect(seen).toEqual([])
    process.emit('SIGINT', 'SIGINT')
    process.emit('SIGINT', 'SIGINT')
    expect(seen.sort()).toEqual(['always', 'always', 'once'])
  } finally {
    process.off('SIGINT', always)
  }
})
