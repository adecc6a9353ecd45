import fc from 'fast-check'
import {expect, test} from 'vitest'
import {fits, isDiscovered, type LabelSelector} from '../../src/istio/selectors.ts'

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
  ['an empty selector fits all', {}, {a: '1'}, true],
  ['matchLabels', {matchLabels: {a: '1'}}, {a: '1', b: '2'}, true],
  ['another value', {matchLabels: {a: '1'}}, {a: '2'}, false],
  ['NotIn fits what is not there', {matchExpressions: [{key: 'a', operator: 'NotIn', values: ['1']}]}, {}, true],
  ['In does not', {matchExpressions: [{key: 'a', operator: 'In', values: ['1']}]}, {}, false],
  ['an operator that is none fits nothing', {matchExpressions: [{key: 'a', operator: 'Gt' as 'In'}]}, {a: '1'}, false],
])('%s', (_, given, of, expected) => expect(fits(given, of)).toBe(expected))

test("In and NotIn, Exists and DoesNotExist are each other's opposite", () => {
  const opposite = {In: 'NotIn', NotIn: 'In', Exists: 'DoesNotExist', DoesNotExist: 'Exists'} as const
  fc.assert(
    fc.property(expression, labels, (one, of) => {
      const other = {...one, operator: opposite[one.operator]}
      expect(fits({matchExpressions: [one]}, of)).toBe(!fits({matchExpressions: [other]}, of))
    }),
  )
})

test('several selectors are an or, none is all', () => {
  fc.assert(
    fc.property(fc.array(selector), labels, (all, of) => {
      expect(isDiscovered(all, of)).toBe(all.length === 0 || all.some(one => fits(one, of)))
    }),
  )
})
