import {expect, test} from 'vitest'
import {controlPlane} from '../support.ts'
import {findingsOf} from './support.ts'

test('an istiod that serves pods in ambient mode, which reach the VM without mTLS', () => {
  const ambient = {multiNetwork: false, sharesServices: false, scopes: []}
  expect(findingsOf({}, {})).toEqual([])
  expect(findingsOf({}, {controlPlane: {...controlPlane, ambient}})).toEqual(['warning ambient'])
})
