import type {Readable} from 'node:stream'
import {StringDecoder} from 'node:string_decoder'
import {escapeForTerminal} from '../../text/escape-terminal.ts'

/** How long the stderr of a plugin may stay open after the plugin has ended: a background process may have inherited it. */
const lingerMs = 300

/**
 * Copies what a credential plugin prints to our stderr, with control characters escaped. Prompts without a line break
 * appear at once.
 *
 * Threat: a plugin prints texts of identity providers and servers, which could contain escape sequences.
 *
 * @param write receives the escaped text; default: stderr
 * @returns a function that resolves when everything is copied; call it after the plugin has ended
 */
export function relayStderr(
  stderr: Readable,
  write: (text: string) => unknown = text => process.stderr.write(text),
): () => Promise<void> {
  const decoder = new StringDecoder('utf8')
  const copied = new Promise<void>(resolve => {
    stderr.on('data', (part: Buffer) => write(escapeForTerminal(decoder.write(part))))
    stderr.once('error', () => resolve())
    stderr.once('close', () => resolve())
    stderr.once('end', () => {
      write(escapeForTerminal(decoder.end()))
      resolve()
    })
  })
  return async () => {
    const timer = setTimeout(() => stderr.destroy(), lingerMs)
    await copied
    clearTimeout(timer)
  }
}
