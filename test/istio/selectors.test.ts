import fc from 'fast-check'
import {expect, test} from 'vitest'
import {isDiscovered, type LabelSelector, matchesSelector} from '../../src/istio/selectors.ts'

const key = fc.constantFrom('usergroup', 'istio.io/rev', 'a')
const value = fc.constantFrom('1', '2', '')
const labels = fc.dictionary(key, value)
const expression = fc.record({
  key,
  operator: fc.constantFrom('In' as const, 'NotIn' as const, 'Exists' as const, 'DoesNotExist' as const),
  values: fc.array(value, {minLength: 1, maxLength: 2}),
})
const selector: fc.Arbitrary<LabelSelector> = fc.record(
  {matchLabels: labels, matchExpressions: fc.array(expression, {maxLength: 2})},
  {requiredKeys: []},
)

test.each<[string, LabelSelector, Record<string, string>, boolean]>([
  ['an empty selector matches all labels', {}, {a: '1'}, true],
  ['matchLabels', {matchLabels: {a: '1'}}, {a: '1', b: '2'}, true],
  ['another value', {matchLabels: {a: '1'}}, {a: '2'}, false],
  ['NotIn matches a missing label', {matchExpressions: [{key: 'a', operator: 'NotIn', values: ['1']}]}, {}, true],
  ['In does not match a missing label', {matchExpressions: [{key: 'a', operator: 'In', values: ['1']}]}, {}, false],
  ['an unknown operator matches nothing', {matchExpressions: [{key: 'a', operator: 'Gt' as 'In'}]}, {a: '1'}, false],
])('%s', (_, given, of, expected) => expect(matchesSelector(given, of)).toBe(expected))

test('In and NotIn, Exists and DoesNotExist are opposites', () => {
  const opposite = {In: 'NotIn', NotIn: 'In', Exists: 'DoesNotExist', DoesNotExist: 'Exists'} as const
  fc.assert(
    fc.property(expression, labels, (one, of) => {
      const other = {...one, operator: opposite[one.operator]}
      expect(matchesSelector({matchExpressions: [one]}, of)).toBe(!matchesSelector({matchExpressions: [other]}, of))
    }),
  )
})

test('one matching selector is enough, and no selectors match all namespaces', () => {
  fc.assert(
    fc.property(fc.array(selector), labels, (all, of) => {
      expect(isDiscovered(all, of)).toBe(all.length === 0 || all.some(one => matchesSelector(one, of)))
    }),
  )
})
