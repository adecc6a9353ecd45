import {expect, test} from 'vitest'
import {
  localityUnbalanceFields,
  validateLocalityUnbalance,
} from '../../../../src/features/locality/balance/spec-unbalance.ts'
import {readSpec} from '../../../../src/spec/read.ts'

const read = (raw: object) => () => readSpec(localityUnbalanceFields, raw, validateLocalityUnbalance)

test('hosts or --all are required, and exclude each other', () => {
  expect(read({})).toThrow('no host specified')
  expect(read({hosts: ['web'], all: true})).toThrow('--all')
  expect(read({all: true})()).toMatchObject({hosts: [], all: true})
})
