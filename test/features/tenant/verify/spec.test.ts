import {expect, test} from 'vitest'
import {tenantVerifyFields} from '../../../../src/features/tenant/verify/spec.ts'
import {readSpec} from '../../../../src/spec/read.ts'

test.each(['agnhost', 'registry.example.com:5000/a/agnhost:2.53', 'a@sha256:0123'])('accepts the image %s', image => {
  expect(readSpec(tenantVerifyFields, {trafficImage: image}).trafficImage).toBe(image)
})

test.each(['', '-x', 'a b', 'a;b'])('rejects the image %j', image => {
  expect(() => readSpec(tenantVerifyFields, {trafficImage: image})).toThrow('is not an image')
})
