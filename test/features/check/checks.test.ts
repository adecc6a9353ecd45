import {expect, test} from 'vitest'
import {checkReport, driftCheck, ingressChecks, readChecks} from '../../../src/features/check/checks.ts'
import {checkFacts, day, now} from './samples.ts'

test('findings of all sources are in their groups, with their cluster', () => {
  const base = checkFacts()
  const finding = {level: 'error', check: 'certificate', message: 'bad'} as const
  const report = checkReport(
    {
      ...base,
      federation: {
        ...base.federation,
        report: {
          ...base.federation.report,
          rows: [
            {cluster: 'east', caExpires: undefined},
            {cluster: 'gone', caExpires: undefined, error: {state: 'not reachable', message: 'timeout'}},
          ],
          findings: [{...finding, check: 'versions', cluster: 'east'}],
        },
      },
      certificates: [{cluster: 'west', rows: [], findings: [finding]}],
      tenants: [{title: 'team-a', checks: [], findings: [finding]}],
    },
    30 * day,
    now,
  )
  const found = report.groups.flatMap(({group, findings}) => findings.map(one => [group, one.check, one.cluster]))
  expect(found).toEqual([
    ['Clusters', 'reachable', 'gone'],
    ['Federation', 'versions', 'east'],
    ['Ingress', 'certificate', 'west'],
    ['Tenant team-a', 'certificate', undefined],
  ])
  expect(report.clusters).toEqual([
    {cluster: 'east', read: true},
    {cluster: 'gone', read: false},
  ])
})

test('the IDs of the checks of mesh check are distinct', () => {
  const ids = [...readChecks, driftCheck, ...ingressChecks].map(({id}) => id)
  expect(new Set(ids).size).toBe(ids.length)
})
