import {describe, expect, test} from 'vitest'
import {
  type FederationStatusReport,
  type HeldStatus,
  hasFailed,
  statusListing,
} from '../../../../src/features/federate/status/report.ts'
import type {StatusRow} from '../../../../src/features/federate/status/report-row.ts'
import type {ListFormat} from '../../../../src/terminal/list/list-format.ts'
import {formatListing} from '../../../../src/terminal/list/listing.ts'

const formatFederationStatus = (report: FederationStatusReport, format: ListFormat) =>
  formatListing(statusListing(report), format)

const row = (cluster: string, differs: Partial<StatusRow> = {}): StatusRow => ({
  context: `ctx-${cluster}`,
  cluster,
  network: `net-${cluster}`,
  istio: '1.30.3',
  meshId: 'mesh1',
  root: '-',
  sameRoot: false,
  gateway: '-',
  caExpires: undefined,
  joined: undefined,
  ...differs,
})

const now = new Date('2026-11-28T12:00:00Z')

function reportOf(differs: Partial<FederationStatusReport> = {}): FederationStatusReport {
  return {rows: [row('east'), row('west')], held: [], findings: [], mode: 'multi-primary', now, ...differs}
}

const hour = 3_600_000

describe('the credentials table', () => {
  test.each<[string, Partial<HeldStatus>, string, string]>([
    ['self', {state: 'self'}, '·', '·'],
    ['missing', {state: 'missing'}, '✘', '✘'],
    ['of a remote cluster', {state: 'needless'}, '-', '-'],
    ['unknown', {state: 'unknown', ageMs: hour}, '?', '?'],
    ['refused', {state: 'refused', ageMs: hour}, '✘ refused', '✘ refused, 1h old'],
    ['unusable', {state: 'unusable', ageMs: hour}, '✘ unusable', '✘ unusable, 1h old'],
    ['without expiry', {state: 'valid', ageMs: hour}, '✔', '✔, 1h old'],
    ['with expiry', {state: 'valid', ageMs: hour, leftMs: 2 * hour}, '2h left', '2h left, 1h old'],
  ])('%s', (_, differs, short, wide) => {
    const held = [{holder: 'east', target: 'west', state: 'self', ...differs} as HeldStatus]
    const cell = (format: 'wide' | undefined) =>
      formatFederationStatus(reportOf({held}), format)
        .split('\n')
        .find(line => /^east +\? /.test(line))
        ?.replace(/^east +\? +/, '')
    expect([cell(undefined), cell('wide')]).toEqual([short, wide])
  })

  test('the reason why a credential is unusable, once', () => {
    const problems = ['sets exec, which istiod rejects', 'has expired']
    const held: HeldStatus[] = [{holder: 'east', target: 'west', state: 'unusable', secret: 's', problems}]
    const message = 'Secret s for west sets exec, which istiod rejects; it has expired'
    expect(formatFederationStatus(reportOf({held}), undefined)).toContain(`✘ east  ${message}`)
    const findings = [{level: 'error' as const, check: 'credential-layout', cluster: 'east', message}]
    expect(formatFederationStatus(reportOf({held, findings}), undefined).split(message)).toHaveLength(2)
  })

  test('is not shown in gateways mode, or for one cluster', () => {
    const head = 'holds a credential for'
    expect(formatFederationStatus(reportOf(), undefined)).toContain(head)
    expect(formatFederationStatus(reportOf({mode: 'gateways'}), undefined)).not.toContain(head)
    expect(formatFederationStatus(reportOf({rows: [row('east')]}), undefined)).not.toContain(head)
  })
})

describe('the clusters table', () => {
  const linesOf = (rows: StatusRow[], format?: 'wide') =>
    formatFederationStatus(reportOf({rows, mode: 'gateways'}), format)
      .trimEnd()
      .split('\n')
      .map(line => line.split(/ {2,}/))

  test('a remote cluster, and a cluster that is not reachable', () =>
    expect(
      linesOf([row('east', {primary: 'west'}), row('west', {error: {state: 'not authorized', message: 'no'}})]),
    ).toEqual([
      ['CLUSTER', 'NETWORK', 'ISTIO', 'ROOT CA', 'GATEWAY', 'CA EXPIRES', 'AGE'],
      ['east', 'net-east', 'of west', '-', '-', '-', '-'],
      ['west', 'not authorized', '-', '-', '-', '-', '-'],
      [''],
      ['✘ west', 'no'],
    ]))

  test('columns of gateways mode, and of the wide format', () =>
    expect(linesOf([row('east', {dns: 'istio', imports: 2}), row('west')], 'wide').slice(0, 3)).toEqual([
      [
        ...['CLUSTER', 'NETWORK', 'ISTIO', 'ROOT CA', 'GATEWAY', 'CA EXPIRES', 'DNS', 'IMPORTS', 'AGE'],
        ...['ROOT FINGERPRINT', 'CONTEXT', 'MESH ID'],
      ],
      ['east', 'net-east', '1.30.3', '-', '-', '-', 'istio', '2', '-', '-', 'ctx-east', 'mesh1'],
      ['west', 'net-west', '1.30.3', '-', '-', '-', '-', '-', '-', '-', 'ctx-west', 'mesh1'],
    ]))
})

test('a CA certificate expires at a time, and has expired after it', () => {
  const rows = ['2026-12-28T12:00:00Z', '2026-11-28T11:59:59Z'].map((date, at) =>
    row(`c${at}`, {caExpires: new Date(date)}),
  )
  const lines = formatFederationStatus(reportOf({rows}), undefined).split('\n')
  expect(lines.slice(1, 3).map(line => line.split(/ {2,}/).at(-2))).toEqual(['in 30d', 'expired'])
})

test('findings follow with their hints', () => {
  const findings = [{level: 'warning' as const, check: 'c', cluster: 'east', message: 'old', hints: ['upgrade']}]
  expect(formatFederationStatus(reportOf({findings}), undefined)).toMatch(/\n‼ east {2}old\n {4}hint: upgrade\n$/)
})

test('data has no credentials that are not needed', () => {
  const states = ['self', 'needless', 'missing'] as const
  const held = states.map(state => ({holder: 'east', target: 'west', state}))
  const data = JSON.parse(formatFederationStatus(reportOf({held}), 'json')) as object
  expect(Object.keys(data)).toEqual(['mode', 'clusters', 'credentials', 'findings'])
  expect(data).toMatchObject({credentials: [{state: 'missing', ageSeconds: null, expiresInSeconds: null}]})
})

test('data has dates and seconds, and null for what does not exist', () => {
  const rows = [row('east', {caExpires: now})]
  const held = [{holder: 'east', target: 'west', state: 'valid' as const, ageMs: 1500, leftMs: 2 * hour}]
  expect(JSON.parse(formatFederationStatus(reportOf({rows, held}), 'json'))).toMatchObject({
    clusters: [{istio: '1.30.3', root: null, gateway: null, caExpires: '2026-11-28T12:00:00.000Z'}],
    credentials: [{ageSeconds: 1, expiresInSeconds: 7200}],
  })
})

describe('a status has failed if it shows a ✘', () => {
  const held = (state: HeldStatus['state']): Partial<FederationStatusReport> => ({
    held: [{holder: 'east', target: 'west', state}],
  })
  const found = (level: 'error' | 'warning'): Partial<FederationStatusReport> => ({
    findings: [{level, check: 'x', message: 'x'}],
  })
  const error = {state: 'not reachable', message: 'x'} as NonNullable<StatusRow['error']>
  test.each<[string, Partial<FederationStatusReport>]>([
    ['nothing', {}],
    ['a valid credential', held('valid')],
    ['a needless credential', held('needless')],
    ['a missing credential', held('missing')],
    ['a refused credential', held('refused')],
    ['an unusable credential', held('unusable')],
    ['a warning', found('warning')],
    ['an error', found('error')],
    ['another root', {rows: [row('east', {root: 'ab:cd', sameRoot: false})]}],
    ['the same root', {rows: [row('east', {root: 'ab:cd', sameRoot: true})]}],
    ['a cluster that was not read', {rows: [row('east', {error}), row('west')]}],
  ])('%s', (_, differs) => {
    const report = reportOf(differs)
    expect(hasFailed(report)).toBe(
      formatFederationStatus(report, undefined).includes('✘') || report.rows.some(one => one.error),
    )
  })
})
