import {expect, test} from 'vitest'
import {checkReport} from '../../../src/features/check/checks.ts'
import {checkData, findingsOf, formatCheckTable} from '../../../src/features/check/report.ts'
import {daysUntil} from '../../../src/text/duration.ts'
import {checkFacts, day, inDays, now} from './samples.ts'

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
      '15 checks: 1 error, 1 warning',
      '',
    ].join('\n'),
  )
})

test('the data has all groups and counts', () => {
  expect(checkData(report)).toMatchObject({errors: 1, warnings: 1, expiries: [{cluster: 'east', daysLeft: 3}]})
  expect(findingsOf(report)).toHaveLength(2)
  expect(daysUntil(inDays(-0.5), now)).toBe(-1)
})
