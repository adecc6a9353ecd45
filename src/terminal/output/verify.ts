import type {Check, ReportedFinding} from '../../findings/check.ts'
import {escapeLine} from '../../text/escape-terminal.ts'
import {dumpYaml} from '../../text/yaml.ts'
import {markedLines} from '../list/listing.ts'
import {markOf} from './marks.ts'
import type {StyledLine} from './styled.ts'

/** A check in a report. */
export interface VerifiedCheck {
  id: string
  about: string
  /** Heading of the group that the report lists the check under, such as the client of a traffic test. */
  from?: string
}

/** The results for one subject: a tenant, a VM, a cluster. */
export interface Verified {
  /** Name and details, separated by two spaces: `usergroup-1  (namespace usergroup-1, revision usergroup-1)`. */
  title: string
  checks: readonly VerifiedCheck[]
  findings: readonly ReportedFinding[]
}

/** The results of checks that ran for one subject, ready to print. */
export function verified<S>(
  title: string,
  checks: readonly Check<S>[],
  findings: readonly ReportedFinding[],
): Verified {
  return {title, checks: checks.map(({id, about}) => ({id, about})), findings}
}

/**
 * Results as a list with ✔ (passed), ✘ (error) or ‼ (warning), followed by the number of errors and warnings.
 *
 * @param format undefined prints the list; otherwise the results are data
 */
export function formatVerified(all: readonly Verified[], format: 'json' | 'yaml' | undefined): string {
  const errors = all.flatMap(({findings}) => findings).filter(({level}) => level === 'error').length
  const warnings = all.flatMap(({findings}) => findings).length - errors
  const data = {
    verified: all.map(({title, checks, findings}) => ({title, checks: [...checks], findings: [...findings]})),
    errors,
    warnings,
  }
  if (format === 'json') return `${JSON.stringify(data, null, 2)}\n`
  if (format === 'yaml') return dumpYaml(JSON.parse(JSON.stringify(data)))
  const lines = all.flatMap(({title, checks, findings}) => [
    title,
    ...groupsOf(checks).flatMap(({from, members}) => [
      ...(from === undefined ? [] : [`  ${from}`]),
      ...members.flatMap(check => linesOf(check, findings).map(line => (from === undefined ? line : `  ${line}`))),
    ]),
  ])
  const shown = [...lines, `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`]
  // A line break in a value could forge a check that passed.
  return shown.map(line => `${escapeLine(line)}\n`).join('')
}

/** Results for `Terminal.print`: the list in the colors of its marks, or data. */
export function verifiedOutput(all: readonly Verified[], format: 'json' | 'yaml' | undefined): string | StyledLine[] {
  const text = formatVerified(all, format)
  return format === undefined ? markedLines(text) : text
}

/** Groups checks by `from`, in the order in which each value appears first. */
function groupsOf(checks: readonly VerifiedCheck[]): {from: string | undefined; members: VerifiedCheck[]}[] {
  const groups = Map.groupBy(checks, ({from}) => from)
  return [...groups].map(([from, members]) => ({from, members}))
}

function linesOf({id, about}: VerifiedCheck, findings: readonly ReportedFinding[]): string[] {
  const found = findings.filter(({check}) => check === id)
  if (found.length === 0) return [`  ✔ ${about}`]
  return found.flatMap(finding => [
    `  ${markOf(finding)} ${finding.message}`,
    ...(finding.hints ?? []).map(hint => `      hint: ${hint}`),
  ])
}

function plural(number: number, noun: string): string {
  return number === 0 ? `no ${noun}s` : `${number} ${noun}${number === 1 ? '' : 's'}`
}
