import {expect, test} from 'vitest'
import {installFields, validateInstall} from '../../../src/features/install/spec.ts'
import {readSpec} from '../../../src/spec/read.ts'
import {riskyChanges} from '../../../src/spec/settings.ts'

const read = (raw: Record<string, string | string[]>) => readSpec(installFields, raw, validateInstall)

test('defaults', () => {
  expect(read({})).toMatchObject({
    ...{via: 'istioctl', systemNamespace: 'istio-system', revision: undefined, profile: 'minimal'},
    ...{network: undefined, meshId: undefined},
  })
})

test.each([
  [{set: ['__proto__.a=1']}, /--set/],
  [{chart: './istiod'}, /--via/],
  [{via: 'helm', istioctl: './istioctl'}, /--via/],
  [{revision: 'A b'}, /--revision/],
])('%j is rejected', (raw, message) => {
  expect(() => read(raw)).toThrow(message)
})

test('another trust domain is a risk', () => {
  const input = {requested: {}, stored: {trustDomain: 'a.test'}, reset: ['trust-domain'], complete: false}
  expect(riskyChanges(installFields, input, read({}))).toEqual([
    {flag: 'trust-domain', isExplicit: true, text: expect.stringContaining('from a.test to cluster.local')},
  ])
})
