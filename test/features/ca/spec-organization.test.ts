import {expect, test} from 'vitest'
import {
  caImportFields,
  caRequestFields,
  validateCaImport,
  validateCaRequest,
} from '../../../src/features/ca/spec-organization.ts'
import {type RawSpec, readSpec} from '../../../src/spec/read.ts'

test.each<[RawSpec<typeof caRequestFields>, RegExp]>([
  [{}, /^--cluster or --contexts is required$/],
  [{cluster: '../x'}, /--cluster \.\.\/x is not a DNS label/],
  [{cluster: 'east', organization: ''}, /--organization .*has 0 characters/],
])('ca request rejects %j', (raw, message) => {
  expect(() => readSpec(caRequestFields, raw, validateCaRequest)).toThrow(message)
})

test.each<[RawSpec<typeof caImportFields>, RegExp]>([
  [{}, /^--cluster or --from is required$/],
  [{cluster: 'east'}, /--cluster east is not NAME=FILE/],
  [{cluster: '../x=f'}, /--cluster \.\.\/x is not a DNS label/],
  [{cluster: 'east=f', from: 'd'}, /^--from conflicts with --cluster$/],
])('ca import rejects %j', (raw, message) => {
  expect(() => readSpec(caImportFields, raw, validateCaImport)).toThrow(message)
})
