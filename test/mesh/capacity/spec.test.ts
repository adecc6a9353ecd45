import {expect, test} from 'vitest'
import {at} from '../../../src/mesh/capacity/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'

const read = (text: string) => readSpec({at}, {at: text}).at

test('a size has clusters, endpoints or both', () => {
  expect(readSpec({at}, {}).at).toBeUndefined()
  expect(read('clusters=100,endpoints=40000')).toEqual({clusters: 100, endpoints: 40_000})
  expect(read('endpoints=7')).toEqual({clusters: undefined, endpoints: 7})
})

test.each([
  '',
  'clusters',
  'clusters=',
  'clusters=0',
  'clusters=1e9',
  'clusters=-1',
  'clusters=2,clusters=3',
  'pods=1',
  'clusters=99999999',
])('"%s" is no size', text => {
  expect(() => read(text)).toThrow(/^--at /)
})
