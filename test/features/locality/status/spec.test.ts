import {expect, test} from 'vitest'
import {localityStatusFields, validateLocalityStatus} from '../../../../src/features/locality/status/spec.ts'
import {type RawSpec, readSpec} from '../../../../src/spec/read.ts'

const status = (raw: RawSpec<typeof localityStatusFields>) =>
  readSpec(localityStatusFields, raw, validateLocalityStatus)

test('--from requires a host', () => {
  expect(() => status({from: 'a'})).toThrow('--from requires a host')
  expect(() => status({host: 'web', from: 'a/b/c/d'})).toThrow('is not REGION')
  expect(status({}).host).toBeUndefined()
})
