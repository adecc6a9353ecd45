import {exitCodes, MeshError} from '../errors.ts'
import {problemsOf, type ReportedFinding} from '../findings/check.ts'
import {formatWarnings} from '../terminal/output/findings.ts'
import type {Run} from './run.ts'

/**
 * Prints warnings to stderr.
 *
 * @throws MeshError (exit 3) that lists every finding of level error
 */
export function reportFindings(findings: readonly ReportedFinding[], run: Pick<Run, 'terminal'>): void {
  run.terminal.message(formatWarnings(problemsOf(findings, 'warning')))
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)
}
