import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {parseSet, SetProblem, withSet} from '../../../src/istio/render/set.ts'

test.each<[string, (string | number)[], unknown]>([
  ['a=b', ['a'], 'b'],
  ['values.pilot.env.A=x=y', ['values', 'pilot', 'env', 'A'], 'x=y'],
  ['a.b\\.c/d=1', ['a', 'b.c/d'], 1],
  ['a[0].b=true', ['a', 0, 'b'], true],
  ['a[1][2]=null', ['a', 1, 2], null],
  ['a="1"', ['a'], '1'],
  ['a=1.5', ['a'], '1.5'],
  ['a=007', ['a'], '007'],
  ['a=', ['a'], ''],
])('%s', (text, path, value) => expect(parseSet(text)).toEqual({path, value}))

test.each([
  'a',
  '=b',
  '.a=1',
  'a.=1',
  'a[x]=1',
  'a[0=1',
  '[0]=1',
  'a..b=1',
  '__proto__=b',
  'constructor=b',
  'a.prototype.c=b',
])('%s is rejected', text => {
  expect(() => parseSet(text)).toThrow(SetProblem)
})

describe('withSet', () => {
  test('creates missing maps and lists, and changes no other value', () => {
    const tree = {a: {b: 1}, l: ['x']}
    expect(withSet(tree, ['a', 'c', 0, 'd'], true)).toEqual({a: {b: 1, c: [{d: true}]}, l: ['x']})
    expect(withSet(tree, ['l', 0], 'y')).toEqual({a: {b: 1}, l: ['y']})
    expect(withSet(tree, ['l', 1], 'y')).toEqual({a: {b: 1}, l: ['x', 'y']})
    expect(tree).toEqual({a: {b: 1}, l: ['x']})
  })

  test.each<[string, (string | number)[]]>([
    ['sets item [2] of a list of length 1', ['l', 2]],
    ['sets item [0] of a value that is not a list', ['a', 0]],
    ['sets key b of a value that is not a map', ['l', 'b']],
  ])('rejects a path that %s', (message, path) => {
    expect(() => withSet({a: {b: 1}, l: ['x']}, path, 1)).toThrow(message)
  })

  test('a value is found at the path that set it', () => {
    const name = fc.stringMatching(/^[a-z][a-zA-Z0-9./-]{0,8}$/)
    fc.assert(
      fc.property(
        fc.array(name, {minLength: 1, maxLength: 4}),
        fc.stringMatching(/^[a-z=. ]{1,10}$/),
        (keys, value) => {
          const text = `${keys.map(key => key.replaceAll('.', '\\.')).join('.')}=${value}`
          const {path, value: read} = parseSet(text)
          fc.pre(read === value)
          let at: unknown = withSet({}, path, read)
          for (const key of keys) at = (at as Record<string, unknown>)[key]
          expect(at).toBe(value)
        },
      ),
    )
  })

  test('treats __proto__ as an ordinary key', () => {
    const tree = withSet({}, ['__proto__', 'polluted'], 1)
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    expect(JSON.stringify(tree)).toBe('{"__proto__":{"polluted":1}}')
  })
})
