import type {RawSpec} from '../../../spec/read.ts'
import type {Terminal} from '../../../terminal/output/terminal.ts'
import {askText} from '../../../terminal/prompts.ts'
import {hostText} from '../spec-texts.ts'
import type {localityBalanceFields} from './spec.ts'

type RawBalance = RawSpec<typeof localityBalanceFields>

/** Asks for the host if neither a host nor `--mesh-wide` is set. Returns `raw` itself if nothing is missing. */
export async function askBalance(raw: RawBalance, terminal: Terminal): Promise<RawBalance> {
  if (raw.hosts !== undefined || raw.meshWide !== undefined) return raw
  const host = await askText(terminal, {
    message: 'Which host should be balanced by locality (NAME, NAME.NS.svc or a DNS name)?',
    check: hostText,
  })
  return {...raw, hosts: [host]}
}
