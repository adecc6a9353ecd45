import {type Finding, problemsOf} from '../checks/check.ts'
import {exitCodes, MeshError} from '../errors.ts'
import {formatWarnings} from '../output/findings.ts'
import type {Run} from './run.ts'

/** Warnings to stderr; errors thrown (exit 3). */
export function tellFindings(findings: readonly Finding[], run: Pick<Run, 'terminal'>): void {
  const warnings = formatWarnings(problemsOf(findings, 'warning'))
  if (warnings !== '') run.terminal.talk(warnings)
  const errors = problemsOf(findings, 'error')
  if (errors.length > 0) throw new MeshError(errors, exitCodes.refused)
}
