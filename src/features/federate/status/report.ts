import type {ReportedFinding} from '../../../findings/check.ts'
import type {Forecasts} from '../../../mesh/capacity/read.ts'
import {forecastData, formatForecasts} from '../../../mesh/capacity/report.ts'
import {shortFingerprint} from '../../../pki/fingerprint.ts'
import {ageText, type ListColumn, type Listing} from '../../../terminal/list/listing.ts'
import {formatMarked, markOf} from '../../../terminal/output/marks.ts'
import {formatTable} from '../../../terminal/output/table.ts'
import {formatDuration} from '../../../text/duration.ts'
import type {StatusRow} from './report-row.ts'

/** The credential that one cluster holds for another. */
export interface HeldStatus {
  holder: string
  target: string
  /**
   * `needless` for the holder being a remote cluster, which holds no credentials. `unusable` if istiod rejects the
   * kubeconfig or would connect in an unsafe way.
   */
  state: 'self' | 'missing' | 'valid' | 'refused' | 'unusable' | 'unknown' | 'needless'
  /** Age of the credential in milliseconds. */
  ageMs?: number
  /** Milliseconds until the token expires. Not set for a token that does not expire. */
  leftMs?: number
  /** Of an unusable credential: the Secret that contains it. */
  secret?: string
  /** Of an unusable credential: why it is (see `credentialProblems`). */
  problems?: readonly string[]
}

/** The result of `mesh federate status`. */
export interface FederationStatusReport {
  rows: readonly StatusRow[]
  held: readonly HeldStatus[]
  findings: readonly ReportedFinding[]
  mode: 'multi-primary' | 'primary-remote' | 'gateways'
  /** The time of the report. */
  now: Date
  /** Only if requested. */
  forecasts?: Forecasts
}

/** The status as a listing of its clusters, with credentials and findings below the table. */
export function statusListing(report: FederationStatusReport): Listing<StatusRow> {
  const {rows, held, findings, mode, now, forecasts} = report
  return {
    rows,
    columns: columnsOf(rows, now),
    document: clusters => ({
      mode,
      clusters,
      credentials: held
        .filter(({state}) => state !== 'self' && state !== 'needless')
        .map(({ageMs, leftMs, ...one}) => ({...one, ageSeconds: seconds(ageMs), expiresInSeconds: seconds(leftMs)})),
      findings: [...findings],
      ...(forecasts ? {forecast: forecastData(forecasts)} : {}),
    }),
    item: ({caExpires, joined, ...row}) => ({
      ...withNulls(row),
      caExpires: caExpires?.toISOString() ?? null,
      joined: joined ?? null,
    }),
    name: ({cluster}) => `cluster/${cluster}`,
    state: row => (isFailed(row) ? 'error' : undefined),
    below: (_, wide) =>
      [
        mode === 'gateways' ? '' : credentialsTable(report, wide),
        forecasts ? formatForecasts(forecasts) : '',
        findingLines(rows, [...unusableFindings(report), ...findings]),
      ]
        .filter(part => part !== '')
        .map(part => `\n${part}`)
        .join(''),
  }
}

/** The states of a credential that the table marks with ✘. */
const failedStates: readonly HeldStatus['state'][] = ['missing', 'refused', 'unusable']

/** Whether the status shows a ✘: for a cluster, a credential or a finding. */
export function hasFailed({rows, held, findings}: FederationStatusReport): boolean {
  return (
    rows.some(isFailed) ||
    held.some(({state}) => failedStates.includes(state)) ||
    findings.some(({level}) => level === 'error')
  )
}

/** Whether a cluster could not be read, or has another root CA than the first. */
function isFailed({error, sameRoot, root}: StatusRow): boolean {
  return error !== undefined || (root !== '-' && !sameRoot)
}

/** A value that does not exist is null for programs. */
function withNulls(row: Omit<StatusRow, 'caExpires' | 'joined'>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(row).map(([key, value]) => [key, value === '-' ? null : value]))
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : Math.floor(ms / 1000)
}

function columnsOf(rows: readonly StatusRow[], now: Date): ListColumn<StatusRow>[] {
  const gateways = rows.some(({dns}) => dns !== undefined)
  const columns: ListColumn<StatusRow>[] = [
    {head: 'network', cell: ({network}) => network},
    {head: 'Istio', cell: ({primary, istio}) => (primary === undefined ? istio : `of ${primary}`)},
    {head: 'root CA', cell: row => rootText(row, shortFingerprint)},
    {head: 'gateway', cell: ({gateway}) => gateway},
    {head: 'CA expires', cell: ({caExpires}) => caExpires && leftText(caExpires, now)},
    ...(gateways
      ? [
          {head: 'DNS', cell: ({dns}: StatusRow) => dns},
          {head: 'imports', cell: ({imports}: StatusRow) => imports?.toString()},
        ]
      : []),
    {head: 'age', cell: ({joined}) => ageText(joined, now)},
    {head: 'root fingerprint', cell: ({root}) => root, wide: true},
    {head: 'context', cell: ({context}) => context, wide: true},
    {head: 'mesh ID', cell: ({meshId}) => meshId, wide: true},
  ]
  // The second column of a cluster that was not read is why.
  return [
    {head: 'cluster', cell: ({cluster}) => cluster},
    ...columns.map(
      (column, at): ListColumn<StatusRow> => ({
        ...column,
        cell: row => (row.error === undefined ? column.cell(row) : at === 0 ? row.error.state : undefined),
      }),
    ),
  ]
}

function leftText(date: Date, now: Date): string {
  const left = date.getTime() - now.getTime()
  return left > 0 ? `in ${formatDuration(left)}` : 'expired'
}

function rootText({root, sameRoot}: StatusRow, format: (root: string) => string): string | undefined {
  return root === '-' ? undefined : `${format(root)} ${sameRoot ? '✔' : '✘'}`
}

function credentialsTable({rows, held}: FederationStatusReport, wide: boolean): string {
  if (rows.length < 2) return ''
  const cell = (holder: string, target: string) =>
    heldText(
      held.find(one => one.holder === holder && one.target === target),
      wide,
    )
  const names = rows.map(({cluster}) => cluster)
  return formatTable(
    ['holds a credential for', ...names],
    names.map(holder => [holder, ...names.map(target => cell(holder, target))]),
    {keepHeads: true},
  )
}

/** Texts of the states that have no age. */
const fixedTexts: Partial<Record<HeldStatus['state'], string>> = {
  unknown: '?',
  self: '·',
  needless: '-',
  missing: '✘',
}

function heldText(held: HeldStatus | undefined, wide: boolean): string {
  const fixed = fixedTexts[held?.state ?? 'unknown']
  if (!held || fixed !== undefined) return fixed ?? '?'
  const age = wide && held.ageMs !== undefined ? `, ${formatDuration(held.ageMs)} old` : ''
  if (held.state === 'refused' || held.state === 'unusable') return `✘ ${held.state}${age}`
  return `${held.leftMs === undefined ? '✔' : `${formatDuration(held.leftMs)} left`}${age}`
}

/** Why credentials are unusable, unless a check reports it: those of other owners are findings of a check. */
function unusableFindings({held, findings}: FederationStatusReport): ReportedFinding[] {
  return held
    .filter(({problems = []}) => problems.length > 0)
    .map(({holder, target, secret, problems = []}) => ({
      level: 'error' as const,
      check: 'credential',
      cluster: holder,
      message: `Secret ${secret} for ${target} ${problems.join('; it ')}`,
      hints: ['run kubectl mesh federate to replace a credential that it created'],
    }))
    .filter(({message}) => !findings.some(finding => finding.message === message))
}

function findingLines(rows: readonly StatusRow[], findings: readonly ReportedFinding[]): string {
  const notRead = rows.flatMap(({cluster, error}) =>
    error === undefined ? [] : [formatMarked('✘', {...error, message: `${cluster}  ${error.message}`})],
  )
  const found = findings.map(finding => {
    const {cluster, message} = finding
    return formatMarked(markOf(finding), {
      ...finding,
      message: cluster === undefined ? message : `${cluster}  ${message}`,
    })
  })
  return [...notRead, ...found].join('')
}
