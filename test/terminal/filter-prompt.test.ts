import {expect, test} from 'vitest'
import {filtered, nextRow} from '../../src/terminal/filter-prompt.ts'

test('a filter keeps the rows that contain each of its words', () => {
  const rows = ['gke_Shop   Istio 1.31.0', 'east   no Istio'].map(name => ({name, value: name}))
  const kept = (filter: string) => filtered(rows, filter).map(({name}) => name.split(' ', 1)[0])
  expect(kept('')).toEqual(['gke_Shop', 'east'])
  expect(kept('shop')).toEqual(['gke_Shop'])
  expect(kept('istio no')).toEqual(['east'])
  expect(kept('west')).toEqual([])
})

test('rows are a ring', () => {
  expect([nextRow(3, 2, 1), nextRow(3, 0, -1), nextRow(0, 0, 1)]).toEqual([0, 2, 0])
})
