import type {RawSpec} from '../../spec/read.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {askText} from '../../terminal/prompts.ts'
import {certificateHost} from './spec-texts.ts'
import type {ingressTlsFields} from './spec-tls.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/** Asks for host, certificate and key, as far as nobody said them. Returns `raw` itself when there was nothing to ask. */
export async function askIngressTls(raw: RawTls, terminal: Terminal): Promise<RawTls> {
  const answers: Partial<Record<'host' | 'cert' | 'key', string>> = {}
  if (raw.host === undefined)
    answers.host = await askText(terminal, {message: 'Which host is served?', check: certificateHost})
  if (raw.secret === undefined) {
    const file = (text: string) => (text === '' ? 'is no file' : undefined)
    if (raw.cert === undefined)
      answers.cert = await askText(terminal, {
        message: 'File with its certificate and intermediates (PEM):',
        check: file,
      })
    if (raw.key === undefined) answers.key = await askText(terminal, {message: 'File with its key (PEM):', check: file})
  }
  return Object.keys(answers).length === 0 ? raw : {...raw, ...answers}
}
