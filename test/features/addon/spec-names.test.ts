import {expect, test} from 'vitest'
import {namesField, namesIn} from '../../../src/features/addon/spec-names.ts'

test('names are accepted in any order, and used in one', () => {
  expect(namesIn(namesField.parse(['jaeger', 'kiali,jaeger']))).toEqual(['kiali', 'jaeger'])
  expect(() => namesField.parse(['zipkin'])).toThrow('zipkin is not one of')
})
