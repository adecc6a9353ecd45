import type {exitCodes} from '../errors.ts'

/** What each exit code means, in the words of help and docs. */
export const exitTexts: Record<keyof typeof exitCodes, string> = {
  ok: 'done, or no difference',
  differences: 'differences (--exit-code)',
  usage: 'wrong usage',
  refused: 'refused or failed, nothing changed',
  partly: 'some changes were made, others failed',
  check: 'a check or verify failed',
  interrupted: 'interrupted',
}
