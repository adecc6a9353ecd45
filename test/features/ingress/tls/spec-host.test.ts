import fc from 'fast-check'
import {expect, test} from 'vitest'
import {certificateHost, gatewayNameOf} from '../../../../src/features/ingress/tls/spec-host.ts'
import {dnsLabel} from '../../../../src/spec/texts.ts'

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?$/)
const host = fc
  .tuple(fc.boolean(), fc.array(label, {minLength: 2, maxLength: 8}))
  .map(([isWild, labels]) => `${isWild ? '*.' : ''}${labels.join('.')}`)

test('every host has a different name that is valid for a Gateway and a Secret', () => {
  fc.assert(
    fc.property(host, host, (one, other) => {
      expect(certificateHost(one)).toBeUndefined()
      expect(dnsLabel(`${gatewayNameOf(one)}-tls`)).toBeUndefined()
      expect(gatewayNameOf(one) === gatewayNameOf(other)).toBe(one === other)
    }),
  )
})

test.each([
  ['a-b.c', 'a.b-c'],
  ['wildcard.example.com', '*.example.com'],
  [`${'a'.repeat(60)}.b`, `${'a'.repeat(60)}.c`],
])('%s and %s have different names', (one, other) => {
  expect(gatewayNameOf(one)).not.toBe(gatewayNameOf(other))
})
