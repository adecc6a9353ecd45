import {expect, test} from 'vitest'
import {formatTraffic, isExpected, verifiedTraffic} from '../../../../src/features/tenant/verify/report-traffic.ts'

const answers = [
  {from: 'a', to: 'a', code: 200},
  {from: 'a', to: 'b', code: 0},
  {from: 'b', to: 'a', code: 200},
  {from: 'b', to: 'b', code: 503},
]

test('200 is expected within a tenant only', () => {
  expect(answers.map(isExpected)).toEqual([true, true, false, false])
})

test('the table has a row per client', () => {
  const lines = formatTraffic(answers).trimEnd().split('\n')
  expect(lines.slice(1).map(line => line.split(/ {2,}/))).toEqual([
    ['a', '200 ✔', 'refused ✔'],
    ['b', '200 ✘', 'refused 503 ✘'],
  ])
})

test('unexpected results are errors of their check', () => {
  const {checks, findings} = verifiedTraffic(answers)
  expect(checks.map(({id}) => id)).toEqual(['traffic a a', 'traffic a b', 'traffic b a', 'traffic b b'])
  expect(findings.map(({check, message}) => `${check}: ${message}`)).toEqual([
    'traffic b a: a request from b to a returned 200; the tenants are not isolated',
    'traffic b b: a request within b returned 503; expected 200',
  ])
})
