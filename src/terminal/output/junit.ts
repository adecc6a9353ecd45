import type {ReportedFinding} from '../../findings/check.ts'
import {escapeXml} from '../../text/escape-xml.ts'
import type {Verified, VerifiedCheck} from './verify.ts'

/**
 * Results of checks as JUnit XML, with one test suite per subject and one test case per check. An error is a failure.
 * JUnit has no warnings, so a warning is printed in `system-out`.
 *
 * @param name name of the report
 */
export function formatJunit(name: string, all: readonly Verified[]): string {
  const tests = all.reduce((sum, {checks}) => sum + checks.length, 0)
  const failures = all.reduce((sum, {checks, findings}) => sum + countFailed(checks, findings), 0)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="${escapeXml(name)}" tests="${tests}" failures="${failures}">`,
    ...all.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines({title, checks, findings}: Verified): string[] {
  const name = stableName(title)
  return [
    `  <testsuite name="${escapeXml(name)}" tests="${checks.length}" failures="${countFailed(checks, findings)}">`,
    ...checks.flatMap(check => caseLines(check, findings, name)),
    '  </testsuite>',
  ]
}

function caseLines(check: VerifiedCheck, all: readonly ReportedFinding[], suite: string): string[] {
  const findings = all.filter(finding => finding.check === check.id)
  const errors = findings.filter(({level}) => level === 'error')
  const warnings = findings.filter(({level}) => level === 'warning')
  const output = [
    ...(check.from ? [`tested: ${check.from}`] : []),
    ...warnings.map(warning => `warning: ${textOf(warning)}`),
  ]
  return [
    `    <testcase classname="${escapeXml(suite)}" name="${escapeXml(`${check.id}: ${check.about}`)}">`,
    // One failure for all errors, because most readers show only the first failure of a test case.
    ...(errors.length > 0 ? [failureLine(check.id, errors)] : []),
    ...(output.length > 0 ? [`      <system-out>${escapeXml(output.join('\n'))}</system-out>`] : []),
    '    </testcase>',
  ]
}

function failureLine(id: string, errors: readonly ReportedFinding[]): string {
  const message = escapeXml(errors.map(error => error.message).join('; '))
  const text = escapeXml(errors.map(textOf).join('\n'))
  return `      <failure type="${escapeXml(id)}" message="${message}">${text}</failure>`
}

/**
 * The part of a title before its details (`east  (Istio 1.29.2)`). CI systems compare reports by name, and the details
 * may change with every upgrade.
 */
function stableName(title: string): string {
  return title.split('  ')[0]!
}

function countFailed(checks: readonly VerifiedCheck[], findings: readonly ReportedFinding[]): number {
  return checks.filter(({id}) => findings.some(({check, level}) => check === id && level === 'error')).length
}

function textOf({message, hints = []}: ReportedFinding): string {
  return [message, ...hints.map(hint => `hint: ${hint}`)].join('\n')
}
