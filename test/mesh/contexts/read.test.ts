import {expect, test} from 'vitest'
import {mergeRows, type ReadContext} from '../../../src/mesh/contexts/read.ts'

function row(context: string, state: {uid: string} | undefined, problem?: string): ReadContext<{uid: string}> {
  const info = {context, file: '/k', cluster: context, server: 'https://x', namespace: 'default', user: ''}
  return {info, others: [], state, problem}
}

const merged = (rows: ReadContext<{uid: string}>[], current = '') =>
  mergeRows(rows, current).map(({info, others}) => [info.context, ...others])

test('contexts of one cluster become one row, the current one first', () => {
  const rows = [row('admin', {uid: '1'}), row('other', {uid: '2'}), row('east', {uid: '1'})]
  expect(merged(rows)).toEqual([['admin', 'east'], ['other']])
  expect(merged(rows, 'east')).toEqual([['east', 'admin'], ['other']])
})

test('clusters that were not read are one row if server and reason are equal', () => {
  const down = 'not reachable: ETIMEDOUT'
  expect(
    merged([row('a', undefined, down), row('b', undefined, 'not authorized: x'), row('c', undefined, down)]),
  ).toEqual([['a', 'c'], ['b']])
})

test('clusters without a readable uid stay apart', () => {
  expect(merged([row('a', {uid: ''}), row('b', {uid: ''})])).toEqual([['a'], ['b']])
})
