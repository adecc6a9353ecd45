import {expect, test} from 'vitest'
import {driftOf} from '../../../src/features/files/report-drift.ts'
import {formatJunit} from '../../../src/terminal/output/junit.ts'
import {documentOf, kindOf, planned, planOf, stepOf} from './samples.ts'

const tenant = (name: string) => documentOf(kindOf('Tenant'), name)

test('a test case for each document, which fails if it differs', () => {
  const found = driftOf([
    planned(tenant('a'), [planOf('east', stepOf('x', 'update')), planOf('west', stepOf('x', 'unchanged'))]),
    planned(tenant('b'), [planOf('east', stepOf('x', 'unchanged'))]),
    planned(tenant('c'), [], {after: [tenant('a')], problems: [{message: 'no gateway'}]}),
  ])
  expect(found.map(({findings}) => findings.map(({message}) => message))).toEqual([
    ['Tenant a (a.yaml:1) is not applied: east: 1 to change'],
    [],
    ['Tenant c (c.yaml:1) is not applied: no gateway'],
  ])
  expect(formatJunit('kubectl mesh diff', found)).toContain('tests="3" failures="2"')
})

test('a document that cannot be compared fails with its problems', () => {
  const failed = [{message: 'Tenant a (a.yaml:1): unreachable'}, {message: 'Tenant a (a.yaml:1): denied'}]
  const [suite] = driftOf([{...planned(tenant('a'), []), failed}])
  expect(suite!.findings).toMatchObject([
    {level: 'error', message: 'Tenant a (a.yaml:1): unreachable; Tenant a (a.yaml:1): denied'},
  ])
})
