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
    ['team-a', 'certificate', undefined],
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

test('hints name the context of the cluster of the finding', () => {
  const finding = {level: 'error', check: 'certificate', message: 'bad', hints: ['kubectl -n a get pods']} as const
  const base = checkFacts()
  const [east, west] = base.federation.members
  const members = [east!, {...west!, context: 'admin@west'}]
  const facts = {...base, federation: {...base.federation, members}}
  const report = checkReport(
    {
      ...facts,
      tenants: [{title: 'a', checks: [], findings: [{...finding, hints: [...finding.hints], cluster: 'west'}]}],
    },
    30 * day,
    now,
  )
  expect(report.groups.flatMap(({findings}) => findings.flatMap(({hints}) => hints))).toEqual([
    'kubectl --context admin@west -n a get pods',
  ])
})
