import {type ExitCode, exitCodes} from '../../errors.ts'
import {formatJunit} from '../../terminal/output/junit.ts'
import type {Terminal} from '../../terminal/output/terminal.ts'
import {checkReport} from './checks.ts'
import type {CheckReaders, CheckReport} from './facts.ts'
import {readCheck} from './read.ts'
import {checkData, findingsOf, formatCheckTable} from './report.ts'
import {formatPrometheus} from './report-prometheus.ts'
import type {CheckFormat, CheckSpec} from './spec.ts'

/** Everything that `mesh check` needs from outside. */
export interface CheckRun {
  terminal: Terminal
  readers: CheckReaders
  output: CheckFormat | undefined
}

/**
 * Prints what will break in a mesh: `mesh check`. Only reads.
 *
 * @returns 5 if there is a finding of the severity of the Spec or above
 * @throws MeshError (exit 2) for invalid input
 */
export async function checkMesh({within, severity, at}: CheckSpec, run: CheckRun): Promise<ExitCode> {
  const report = checkReport(await readCheck(run.readers, at), within, new Date())
  const output = run.output ?? 'table'
  run.terminal.print(format(report, output), output === 'table' ? 'text' : 'data')
  const isFailed = findingsOf(report).some(({level}) => level === 'error' || severity === 'warning')
  return isFailed ? exitCodes.check : exitCodes.ok
}

function format(report: CheckReport, output: CheckFormat): string {
  switch (output) {
    case 'table':
      return formatCheckTable(report)
    case 'json':
      return `${JSON.stringify(checkData(report), null, 2)}\n`
    case 'prometheus':
      return formatPrometheus(report)
    case 'junit':
      return formatJunit(
        'kubectl mesh check',
        report.groups.map(({group, ...rest}) => ({title: group, ...rest})),
      )
  }
}
