import type {ReportedFinding} from '../../findings/check.ts'

/** Findings as lines with ✘ (error) or ‼ (warning), each followed by its hints. Empty without findings. */
export function formatFindings(findings: readonly ReportedFinding[]): string {
  return findings
    .flatMap(({level, message, hints = []}) => [
      `${level === 'error' ? '✘' : '‼'} ${message}`,
      ...hints.map(hint => `    hint: ${hint}`),
    ])
    .map(line => `${line}\n`)
    .join('')
}
