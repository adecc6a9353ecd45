import {expect, test} from 'vitest'
import {meshSetFields, validateMeshSet} from '../../../../src/features/files/prune/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test('a set has a name; contexts are optional', () => {
  expect(readSpec(meshSetFields, {name: 'prod'}, validateMeshSet)).toEqual({name: 'prod', contexts: []})
  expect(() => readSpec(meshSetFields, {contexts: ['east']}, validateMeshSet)).toThrow(/^metadata\.name is required/)
  expect(() => readSpec(meshSetFields, {name: 'a b'}, validateMeshSet)).toThrow(/a b/)
})
