import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText} from '../../../terminal/prompts.ts'
import type {ingressTlsFields} from './spec.ts'
import {certificateHost} from './spec-host.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/** Asks for the host, unless it is set. */
export async function askTlsHost(raw: RawTls, terminal: Terminal): Promise<RawTls> {
  if (raw.host !== undefined) return raw
  return {...raw, host: await askText(terminal, {message: 'Which host should be served?', check: certificateHost})}
}

/**
 * Asks for certificate and key unless they or a Secret are set.
 *
 * @param merged the input with the settings of earlier runs
 * @returns the answers only
 */
export async function askTlsFiles(merged: RawTls, terminal: Terminal): Promise<{cert?: string; key?: string}> {
  if (merged.secret !== undefined) return {}
  const check = (text: string) => (text === '' ? 'is not a file name' : undefined)
  const ask = (message: string) => askText(terminal, {message, check})
  const answers: {cert?: string; key?: string} = {}
  if (merged.cert === undefined)
    answers.cert = await ask('Which file contains the certificate and its intermediates (PEM)?')
  if (merged.key === undefined) answers.key = await ask('Which file contains the private key (PEM)?')
  return answers
}
