import type {exitCodes} from '../errors.ts'

/** The meaning of each exit code, for help and docs. */
export const exitTexts: Record<keyof typeof exitCodes, string> = {
  ok: 'success, or no differences',
  differences: 'differences found (--exit-code)',
  usage: 'invalid usage',
  refused: 'refused or failed; nothing was changed',
  partly: 'some changes were made, others failed',
  check: 'a check failed',
  interrupted: 'interrupted',
}
