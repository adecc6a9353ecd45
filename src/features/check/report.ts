import type {ReportedFinding} from '../../findings/check.ts'
import {forecastData, formatForecasts} from '../../mesh/capacity/report.ts'
import {formatMarked, markOf} from '../../terminal/output/marks.ts'
import {formatTable} from '../../terminal/output/table.ts'
import {count} from '../../text/count.ts'
import {daysUntil} from '../../text/duration.ts'
import type {CheckGroup, CheckReport, Expiry} from './facts.ts'

/** Rows of the table of what expires. */
const mostRows = 10

/** The findings of a report. */
export function findingsOf({groups}: CheckReport): ReportedFinding[] {
  return groups.flatMap(({findings}) => findings)
}

/** The report as text: what expires first, the findings by group, and their number. */
export function formatCheckTable(report: CheckReport): string {
  const {expiries, groups, forecasts, now} = report
  const found = findingsOf(report)
  const errors = found.filter(({level}) => level === 'error').length
  const checks = groups.reduce((sum, group) => sum + group.checks.length, 0)
  return [
    expiryTable(expiries, now),
    formatForecasts(forecasts),
    ...groups.filter(({findings}) => findings.length > 0).map(groupText),
    `${count(checks, 'check')}: ${count(errors, 'error')}, ${count(found.length - errors, 'warning')}\n`,
  ]
    .filter(part => part !== '')
    .join('\n')
}

function expiryTable(expiries: readonly Expiry[], now: Date): string {
  if (expiries.length === 0) return ''
  const rows = expiries
    .slice(0, mostRows)
    .map(({cluster, kind, name, expires}) => [String(daysUntil(expires, now)), cluster, kind, name])
  const more = expiries.length - mostRows
  const table = formatTable(['days left', 'cluster', 'what', 'name'], rows)
  return more > 0 ? `${table}and ${more} more (-o json lists all)\n` : table
}

function groupText({group, findings}: CheckGroup): string {
  const lines = findings.map(finding => {
    const {cluster, message, check} = finding
    const where = cluster === undefined ? '' : `${cluster}  `
    return formatMarked(markOf(finding), {...finding, message: `${where}${message}  [${check}]`})
  })
  return `${group}\n${lines.join('')}`
}

/** The report as data. */
export function checkData(report: CheckReport) {
  const {groups, expiries, clusters, forecasts, now} = report
  const found = findingsOf(report)
  const errors = found.filter(({level}) => level === 'error').length
  return {
    clusters: [...clusters],
    expiries: expiries.map(({cluster, kind, name, expires}) => ({
      ...{cluster, kind, name},
      expires: expires.toISOString(),
      daysLeft: daysUntil(expires, now),
    })),
    forecast: forecastData(forecasts),
    groups: groups.map(({group, checks, findings}) => ({group, checks: [...checks], findings: [...findings]})),
    errors,
    warnings: found.length - errors,
  }
}
