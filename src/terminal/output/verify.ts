import type {Check, ReportedFinding} from '../../findings/check.ts'
import {dumpYaml} from '../../text/yaml.ts'

/** The checks of one thing that was verified: a tenant, a VM, a cluster. */
export interface Verified {
  /** `usergroup-1  (namespace usergroup-1, revision usergroup-1)`. */
  title: string
  checks: readonly {id: string; about: string /** From where it was tested, if that is told. */; from?: string}[]
  findings: readonly ReportedFinding[]
}

/** Puts checks and what they found together. */
export function verified<S>(
  title: string,
  checks: readonly Check<S>[],
  findings: readonly ReportedFinding[],
): Verified {
  return {title, checks: checks.map(({id, about}) => ({id, about})), findings}
}

/** All checks with ✔, ✘ or ‼, hints below, and a last line that counts; or as data. */
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
  return `${[...lines, `${plural(errors, 'error')}, ${plural(warnings, 'warning')}`].join('\n')}\n`
}

/** Checks that were tested from the same place stand together, in the order of the first of each. */
function groupsOf(checks: Verified['checks']): {from: string | undefined; members: Verified['checks'][number][]}[] {
  const groups = Map.groupBy(checks, ({from}) => from)
  return [...groups].map(([from, members]) => ({from, members}))
}

function linesOf({id, about}: Verified['checks'][number], findings: readonly ReportedFinding[]): string[] {
  const found = findings.filter(({check}) => check === id)
  if (found.length === 0) return [`  ✔ ${about}`]
  return found.flatMap(({level, message, hints = []}) => [
    `  ${level === 'error' ? '✘' : '‼'} ${message}`,
    ...hints.map(hint => `      hint: ${hint}`),
  ])
}

function plural(number: number, noun: string): string {
  return number === 0 ? `no ${noun}s` : `${number} ${noun}${number === 1 ? '' : 's'}`
}
