import {expect, test} from 'vitest'
import {tokenExpiryData, tokenExpiryOf} from '../../../../src/features/vm/token/spec-expiry.ts'

test('the time is read as it was stored; without one, or with another text, it is unknown', () => {
  const expires = new Date('2030-01-01T00:00:00Z')
  const record = {apiVersion: 'v1', kind: 'ConfigMap', metadata: {name: 'kubectl-mesh-vm-vms-web'}}
  expect(tokenExpiryOf({...record, data: tokenExpiryData(expires)})).toEqual(expires)
  expect(tokenExpiryOf(record)).toBeUndefined()
  expect(tokenExpiryOf({...record, data: {'token-expires': 'soon'}})).toBeUndefined()
})
