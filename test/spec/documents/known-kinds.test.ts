import {expect, test} from 'vitest'
import {meshKinds} from '../../../src/kinds/kinds.ts'
import {kindNamed, unknownKind} from '../../../src/spec/documents/known-kinds.ts'

test('kindNamed: only the kinds themselves, not what every object has', async () => {
  expect((await kindNamed(meshKinds, 'Tenant'))?.kind).toBe('Tenant')
  expect(await kindNamed(meshKinds, 'tenant')).toBeUndefined()
  expect(await kindNamed(meshKinds, 'constructor')).toBeUndefined()
})

test('unknownKind: names the nearest kind, and all kinds', () => {
  const kinds = `kinds: ${Object.keys(meshKinds).join(', ')}`
  expect(unknownKind('tennant', meshKinds)).toEqual({
    message: 'kind tennant is not known',
    hints: ['did you mean Tenant?', kinds],
  })
  expect(unknownKind('x'.repeat(1000), meshKinds)).toEqual({
    message: `kind ${'x'.repeat(100)} is not known`,
    hints: [kinds],
  })
})
