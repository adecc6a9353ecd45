import {expect, test} from 'vitest'
import type {ExitCode} from '../../../src/errors.ts'
import {type DocumentResult, exitOfResults, resultListing} from '../../../src/features/files/report-result.ts'
import {formatListing} from '../../../src/terminal/list/listing.ts'
import {documentOf, kindOf} from './samples.ts'

const result = (
  name: string,
  state: DocumentResult['result'],
  written: number,
  exit: ExitCode = 0,
): DocumentResult => ({
  document: documentOf(kindOf('Tenant'), name),
  result: state,
  written,
  problems: [],
  exit,
})

test('a row for each document', () =>
  expect(formatListing(resultListing([result('a', 'applied', 2), result('b', 'not tried', 0)]), undefined)).toBe(
    'KIND     NAME   RESULT      WRITTEN   FILE\nTenant   a      applied     2         a.yaml:1\nTenant   b      not tried   0         b.yaml:1\n',
  ))

test.each<[string, DocumentResult[], ExitCode]>([
  ['all applied', [result('a', 'applied', 2), result('b', 'unchanged', 0)], 0],
  ['nothing written', [result('a', 'failed', 0, 3), result('b', 'not tried', 0)], 3],
  ['another was written', [result('a', 'failed', 0, 3), result('b', 'applied', 1)], 4],
  ['partly written', [result('a', 'failed', 1, 3)], 4],
  ['partly, as its command reports', [result('a', 'failed', 0, 4)], 4],
  ['a check failed afterwards', [result('a', 'failed', 3, 5), result('b', 'applied', 1)], 5],
])('exit code: %s', (_, results, exit) => expect(exitOfResults(results, false)).toBe(exit))

test('exit code after an interrupt', () => expect(exitOfResults([result('a', 'not tried', 0)], true)).toBe(130))

test('a document that is no longer in the files is removed', () => {
  const {document, ...rest} = result('old', 'applied', 2)
  const listing = resultListing([{...rest, document: {...document, pruned: true}}])
  expect(formatListing(listing, undefined)).toContain('Tenant   old    removed   2')
  expect(JSON.parse(formatListing(listing, 'json')).documents).toEqual([
    {kind: 'Tenant', name: 'old', result: 'removed', written: 2, problems: []},
  ])
})
