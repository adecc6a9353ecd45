import {expect, test} from 'vitest'
import {labelKey, labelValueOrEmpty} from '../../src/spec/labels.ts'

test.each([
  ['front_end', true],
  ['node-role.kubernetes.io/ingress', true],
  ['a b', false],
  ['a/b/c', false],
  ['UPPER.example/x', false],
  ['', false],
])('label key %j', (text, valid) => {
  expect(labelKey(text) === undefined).toBe(valid)
})

test.each([
  ['', true],
  ['true', true],
  ['-x', false],
])('label value %j', (text, valid) => {
  expect(labelValueOrEmpty(text) === undefined).toBe(valid)
})
