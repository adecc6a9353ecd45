import {expect, test} from 'vitest'
import {checkReport} from '../../../src/features/check/checks.ts'
import {checkData, findingsOf, formatCheckTable} from '../../../src/features/check/report.ts'
import {daysUntil} from '../../../src/text/duration.ts'
import {checkFacts, day, forecasts, inDays, now} from './samples.ts'

const base = checkFacts()
const report = checkReport(
  {
    ...base,
    federation: {
      ...base.federation,
      members: [],
      report: {
        ...base.federation.report,
        held: [{holder: 'east', target: 'west', leftMs: 3 * day}],
        findings: [
          {level: 'error', check: 'gateway-address', cluster: 'west', message: 'no address\n✔ forged', hints: ['wait']},
        ],
      },
    },
  },
  30 * day,
  now,
)

test('the table lists what expires first, then the findings with their IDs', () => {
  expect(formatCheckTable(report)).toBe(
    [
      'DAYS LEFT   CLUSTER   WHAT         NAME',
      '3           east      credential   for west',
      '',
      'Expiry',
      '‼ east  credential for west expires in 3d  [expiry-credential]',
      '    hint: run kubectl mesh federate for these clusters, which renews tokens',
      '',
      'Federation',
      '✘ west  no address\\n✔ forged  [gateway-address]',
      '    hint: wait',
      '',
      '16 checks: 1 error, 1 warning',
      '',
    ].join('\n'),
  )
})

test('the data has all groups and counts', () => {
  expect(checkData(report)).toMatchObject({errors: 1, warnings: 1, expiries: [{cluster: 'east', daysLeft: 3}]})
  expect(findingsOf(report)).toHaveLength(2)
  expect(daysUntil(inDays(-0.5), now)).toBe(-1)
})

test('the forecast is a table between what expires and the findings, and part of the data', () => {
  const forecast = {...report, forecasts}
  const rows = [
    'FORECAST   CLUSTERS   ENDPOINTS   SECRETS   WATCHES OF AN ISTIOD   MEMORY OF AN ISTIOD   CSRS AT A ROOT CHANGE',
    'today      2          300         4         9                      125-1235 MiB          200',
    '--at       100        40000       4         9                      125-1235 MiB          200',
  ]
  expect(formatCheckTable(forecast)).toContain(`for west\n\n${rows.join('\n')}\n\nExpiry\n`)
  expect(checkData(forecast).forecast).toMatchObject({
    now: {clusters: 2, memoryMiB: {withoutProxies: 125, withProxies: 1235}},
    at: {clusters: 100, endpoints: 40_000},
  })
  expect(checkData(report).forecast).toEqual({now: null, at: null})
})

test('without a forecast, the table names the clusters whose pods could not be counted', () => {
  const uncounted = {...report, forecasts: {now: undefined, uncounted: ['west']}}
  expect(formatCheckTable(uncounted)).toContain('\npods could not be counted in west; there is no forecast for today (')
})

test('the data of what expires has the same keys for all kinds', () => {
  const token = {namespace: 'vms', name: 'web', systemNamespace: 'istio-system', machines: 'none'} as const
  const vmTokens = [{cluster: 'east', tokens: [{...token, expires: inDays(2)}]}]
  expect(checkData(checkReport({...base, vmTokens}, 30 * day, now)).expiries.at(0)).toEqual({
    ...{cluster: 'east', kind: 'VM token', name: 'vms/web'},
    ...{expires: inDays(2).toISOString(), daysLeft: 2},
  })
})
