import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {PassThrough} from 'node:stream'
import {describe, expect, it} from 'vitest'
import {relayStderr} from '../../../src/engine/kubeconfig/relay-stderr.ts'

describe('relayStderr', () => {
  it('escapes control characters, also of a character that is split', async () => {
    const stderr = new PassThrough()
    let written = ''
    const copied = relayStderr(stderr, text => (written += text))
    const [first, second] = [Buffer.from('code: \u001b]0;x\u0007 ü').subarray(0, -1), Buffer.from('ü').subarray(1)]
    stderr.write(first)
    stderr.end(second)
    await copied()
    expect(written).toBe('code: \\u001b]0;x\\u0007 ü')
  })

  it('shows a prompt without a line break at once', async () => {
    const stderr = new PassThrough()
    const shown = new Promise(resolve => relayStderr(stderr, resolve))
    stderr.write('Password: ')
    expect(await shown).toBe('Password: ')
  })

  it('does not wait for a background process that keeps stderr open', async () => {
    const child = spawn('/bin/sh', ['-c', 'echo started >&2; sleep 20 &'], {stdio: ['ignore', 'ignore', 'pipe']})
    let written = ''
    const copied = relayStderr(child.stderr, text => (written += text))
    await once(child, 'exit')
    await copied()
    expect(written).toBe('started\n')
  }, 10_000)
})
