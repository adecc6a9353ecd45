import {chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterEach, beforeEach, describe, expect, it, vi} from 'vitest'
import {openBrowser} from '../../src/tools/browser.ts'

describe.skipIf(process.platform !== 'linux')('openBrowser', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-mesh-browser-'))
    vi.stubEnv('PATH', folder)
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, {recursive: true})
  })

  function opener(script: string): void {
    writeFileSync(join(folder, 'xdg-open'), `#!/bin/sh\n${script}\n`)
    chmodSync(join(folder, 'xdg-open'), 0o755)
  }

  it('passes the URL to the program of the desktop', async () => {
    opener(`echo "$1" > ${folder}/seen`)
    expect(await openBrowser('http://localhost:1/a b')).toBeUndefined()
    expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('http://localhost:1/a b\n')
  })

  it('returns why no browser was opened', async () => {
    expect(await openBrowser('http://localhost:1')).toBe('xdg-open is not in PATH')
    opener('echo "Error: no display" >&2; exit 3')
    expect(await openBrowser('http://localhost:1')).toBe('xdg-open: no display')
    writeFileSync(join(folder, 'xdg-open'), '#!/no/such/interpreter\n')
    expect(await openBrowser('http://localhost:1')).toMatch(/^cannot run .*xdg-open: .*ENOENT/)
  })
})
