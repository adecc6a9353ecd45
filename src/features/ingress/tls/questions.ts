import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText} from '../../../terminal/prompts.ts'
import {tlsFileProblem} from './read-files.ts'
import type {ingressTlsFields} from './spec.ts'
import {certificateHost} from './spec-host.ts'

type RawTls = RawSpec<typeof ingressTlsFields>

/** Asks for the host, unless it is set. */
export async function askTlsHost(raw: RawTls, terminal: Terminal): Promise<RawTls> {
  if (raw.host !== undefined) return raw
  return {...raw, host: await askText(terminal, {message: 'Which host should be served?', check: certificateHost})}
}

/**
 * Asks for certificate and key unless they or a Secret are set. Files that a gateway cannot use are rejected at the question.
 *
 * @param merged the input with the settings of earlier runs
 * @returns the answers only
 */
export async function askTlsFiles(merged: RawTls, terminal: Terminal): Promise<{cert?: string; key?: string}> {
  if (merged.secret !== undefined) return {}
  const answers: {cert?: string; key?: string} = {}
  const host = String(merged.host)
  if (merged.cert === undefined)
    answers.cert = await askText(terminal, {
      message: 'Which file contains the certificate and its intermediates (PEM)?',
      check: file => tlsFileProblem({cert: file}, host, new Date()),
    })
  const cert = answers.cert ?? String(merged.cert)
  if (merged.key === undefined)
    answers.key = await askText(terminal, {
      message: 'Which file contains the private key (PEM)?',
      check: file => tlsFileProblem({cert, key: file}, host, new Date()),
    })
  return answers
}
