import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText} from '../../../terminal/prompts.ts'
import type {ingressTlsFields} from './spec.ts'
import {certificateHost} from './spec-host.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/**
 * Asks for the host, and for certificate and key unless a Secret is set. Skips what is already set.
 *
 * @returns `raw` itself if no question was asked
 */
export async function askIngressTls(raw: RawTls, terminal: Terminal): Promise<RawTls> {
  const answers: Partial<Record<'host' | 'cert' | 'key', string>> = {}
  if (raw.host === undefined)
    answers.host = await askText(terminal, {message: 'Which host should be served?', check: certificateHost})
  if (raw.secret === undefined) {
    const check = (text: string) => (text === '' ? 'is not a file name' : undefined)
    if (raw.cert === undefined)
      answers.cert = await askText(terminal, {
        message: 'Which file contains the certificate and its intermediates (PEM)?',
        check,
      })
    if (raw.key === undefined)
      answers.key = await askText(terminal, {message: 'Which file contains the private key (PEM)?', check})
  }
  return Object.keys(answers).length === 0 ? raw : {...raw, ...answers}
}
