import type {ReportedFinding} from '../../findings/check.ts'

/** Findings one below the other, ✘ or ‼ in front and hints behind. Empty for none. */
export function formatFindings(findings: readonly ReportedFinding[]): string {
  return findings
    .flatMap(({level, message, hints = []}) => [
      `${level === 'error' ? '✘' : '‼'} ${message}`,
      ...hints.map(hint => `    hint: ${hint}`),
    ])
    .map(line => `${line}\n`)
    .join('')
}
