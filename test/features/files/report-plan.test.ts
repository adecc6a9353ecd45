import {expect, test} from 'vitest'
import {laterLines, planListing, setWarnings, stateOf, summaryOf} from '../../../src/features/files/report-plan.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {documentFor, documentOf, kindOf, planned, planOf, stepOf} from './samples.ts'

const federation = documentFor(kindOf('Federation'), 'prod', ['east', 'west'])
const tls = documentOf(kindOf('IngressTls'), 'shop')
const all = [
  planned(federation, [planOf('east', stepOf('a', 'create'), stepOf('b', 'remove')), planOf('west')]),
  planned(documentOf(kindOf('Tenant'), 't'), [planOf('east', stepOf('a', 'unchanged'))]),
  planned(tls, [], {after: [federation], problems: [{message: 'no gateway'}]}),
]

test('states and their summary', () => {
  expect(all.map(stateOf)).toEqual(['differs', 'unchanged', 'planned later'])
  expect(summaryOf(all)).toBe('3 documents: 1 with changes, 1 planned later, 1 unchanged')
})

test('a row for each document', () =>
  expect(formatListing(planListing(all), undefined).trimEnd().split('\n')).toEqual([
    'KIND         NAME   CLUSTERS    STATE           CREATE   CHANGE   REMOVE',
    'Federation   prod   east,west   differs         1        0        1',
    'Tenant       t      east        unchanged       0        0        0',
    'IngressTls   shop   east        planned later   0        0        0',
  ]))

test('-o json reports why a document is planned later', () =>
  expect(JSON.parse(formatListing(planListing(all.slice(2)), 'json'))).toEqual({
    documents: [
      {
        kind: 'IngressTls',
        name: 'shop',
        file: 'shop.yaml',
        line: 1,
        clusters: ['east'],
        state: 'planned later',
        create: 0,
        change: 0,
        remove: 0,
        after: ['Federation prod (prod.yaml:1)'],
        problems: [{message: 'no gateway'}],
      },
    ],
  }))

test('what a document waits for', () =>
  expect(laterLines(all)).toEqual(['IngressTls shop (shop.yaml:1) is planned after Federation prod:', '  no gateway']))

test('a document that is no longer in the files has no place', () => {
  const gone = {...documentOf(kindOf('Tenant'), 'old'), pruned: true as const}
  const removal = planned(gone, [planOf('east', stepOf('a', 'remove'))])
  expect(stateOf(removal)).toBe('to remove')
  expect(summaryOf([removal])).toBe('1 document: 1 to remove')
  const [row] = JSON.parse(formatListing(planListing([removal]), 'json')).documents
  expect(row).toEqual({
    kind: 'Tenant',
    name: 'old',
    clusters: ['east'],
    state: 'to remove',
    create: 0,
    change: 0,
    remove: 1,
  })
  expect(formatListing(planListing([removal]), 'wide')).not.toContain('old.yaml')
  expect(stateOf(planned(gone, []))).toBe('unchanged')
})

test('no documents', () => expect(summaryOf([])).toBe('0 documents'))

test('documents that leave a set', () => {
  const record = (set?: string) => ({
    ...{apiVersion: 'v1', kind: 'ConfigMap'},
    metadata: {name: 'a', namespace: 'ns', ...(set === undefined ? {} : {annotations: {'kubectl-mesh.io/set': set}})},
  })
  const step = (from?: string, to?: string) => ({...stepOf('a', 'update'), live: record(from), merged: record(to)})
  const [a, b] = ['a', 'b'].map(name => documentOf(kindOf('Tenant'), name))
  const leaving = [planned(a!, [planOf('east', step('prod'))]), planned(b!, [planOf('east', step('prod'))])]
  expect(setWarnings(leaving, undefined)).toEqual([
    'warning: Tenant a (a.yaml:1), Tenant b (b.yaml:1): no longer in the set prod, so --prune of prod does not remove them',
    'hint:    to keep the set: --name prod',
  ])
  expect(setWarnings(leaving.slice(1), 'test')).toEqual([
    'warning: Tenant b (b.yaml:1): no longer in the set prod, so --prune of prod does not remove it',
    'hint:    the set of this run is test',
  ])
  expect(setWarnings([planned(a!, [planOf('east', step('prod', 'prod'), step(undefined, 'prod'))])], 'prod')).toEqual(
    [],
  )
})

test('a document that cannot be compared', () => {
  const failed = {...planned(documentOf(kindOf('Tenant'), 't'), []), failed: [{message: 'east: unreachable'}]}
  expect(stateOf(failed)).toBe('failed')
  expect(summaryOf([failed, all[1]!])).toBe('2 documents: 1 failed, 1 unchanged')
  expect(JSON.parse(formatListing(planListing([failed]), 'json')).documents).toMatchObject([
    {name: 't', clusters: ['east'], state: 'failed', problems: [{message: 'east: unreachable'}]},
  ])
})
