import {expect, test} from 'vitest'
import {localityUnlabelFields, validateLocalityUnlabel} from '../../../../src/features/locality/label/spec-unlabel.ts'
import {readSpec} from '../../../../src/spec/read.ts'

const read = (raw: object) => () => readSpec(localityUnlabelFields, raw, validateLocalityUnlabel)

test('nodes, a selector or --all are required, and exclude each other', () => {
  expect(read({})).toThrow('no nodes specified')
  expect(read({nodes: ['w-1'], all: true})).toThrow('--all')
  expect(read({selector: 'a=b', nodes: ['w-1']})).toThrow('--selector')
  expect(read({nodes: ['w-1']})()).toMatchObject({nodes: ['w-1'], all: false})
})
