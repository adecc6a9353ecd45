import type {Problem} from '../../errors.ts'
import type {ReportedFinding} from '../../findings/check.ts'
import {escapeLine} from '../../text/escape-terminal.ts'

/** The mark before a result: ✔ (passed), ✘ (error) or ‼ (warning). */
export type Mark = '✔' | '✘' | '‼'

/** The mark of a finding. */
export function markOf({level}: Pick<ReportedFinding, 'level'>): Mark {
  return level === 'error' ? '✘' : '‼'
}

/**
 * A problem after its mark, and its hints below it, with line breaks. Control characters are escaped, line breaks too:
 * otherwise a value could forge a check that passed.
 */
export function formatMarked(mark: Mark, {message, hints = []}: Problem): string {
  return [`${mark} ${message}`, ...hints.map(hint => `    hint: ${hint}`)].map(line => `${escapeLine(line)}\n`).join('')
}

/** Findings as lines with ✘ (error) or ‼ (warning), each followed by its hints. Empty without findings. */
export function formatFindings(findings: readonly ReportedFinding[]): string {
  return findings.map(finding => formatMarked(markOf(finding), finding)).join('')
}
