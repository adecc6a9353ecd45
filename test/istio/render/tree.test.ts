import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {compactTree, isTree, leafAt, mergeTrees, type Tree} from '../../../src/istio/render/tree.ts'

const tree = fc.dictionary(
  fc.constantFrom('a', 'b', 'c', '__proto__'),
  fc.oneof(fc.string(), fc.array(fc.integer()), fc.dictionary(fc.constantFrom('a', 'b'), fc.integer())),
) as fc.Arbitrary<Tree>

test.each([
  [{}, true],
  [[], false],
  [null, false],
  ['text', false],
  [undefined, false],
])('%j is a map: %s', (value, expected) => expect(isTree(value)).toBe(expected))

describe('mergeTrees', () => {
  test('merges maps, and replaces lists and scalars', () => {
    expect(mergeTrees({a: {b: 1, c: [1, 2]}, d: 'x'}, {a: {c: [3]}}, {d: {e: null}})).toEqual({
      a: {b: 1, c: [3]},
      d: {e: null},
    })
  })

  test('does not change its arguments, and a merge with itself changes nothing', () => {
    fc.assert(
      fc.property(tree, tree, (a, b) => {
        const before = JSON.stringify([a, b])
        expect(mergeTrees(a, a)).toEqual(a)
        mergeTrees(a, b)
        expect(JSON.stringify([a, b])).toBe(before)
      }),
    )
  })

  test('treats __proto__ as an ordinary key', () => {
    const merged = mergeTrees({}, JSON.parse('{"__proto__": {"polluted": 1}}') as Tree)
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":1}}')
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })
})

test('compactTree removes undefined values and empty maps, but no other empty values', () => {
  expect(compactTree({a: undefined, b: {c: {d: undefined}}, e: '', f: [], g: null, h: {i: 0}})).toEqual({
    e: '',
    f: [],
    g: null,
    h: {i: 0},
  })
})

test.each([
  [['a', 'b'], 1],
  [['a'], {b: 1}],
  [[], {a: {b: 1}}],
  [['a', 'c'], undefined],
  [['a', 'b', 'c'], undefined],
  [['constructor'], undefined],
])('the value at %j is %j', (path, expected) => expect(leafAt({a: {b: 1}}, path)).toEqual(expected))
