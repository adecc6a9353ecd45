import {expect, test} from 'vitest'
import {injectionConflict} from '../../../src/features/tenant/checks-injection.ts'

test('the hint removes the label', () => {
  expect(injectionConflict('app', 'disabled')).toEqual({
    message:
      'namespace app has istio-injection=disabled, which takes precedence over istio.io/rev; the tenant would not inject its pods',
    hints: ['kubectl label namespace app istio-injection-'],
  })
})
