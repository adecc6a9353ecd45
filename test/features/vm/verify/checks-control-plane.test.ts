import {expect, test} from 'vitest'
import type {VmVerifySubject} from '../../../../src/features/vm/verify/subject.ts'
import {readRegistration} from '../spec-support.ts'
import {controlPlane, factsOf} from '../support.ts'
import {findingsOf, ownEntry} from './support.ts'

const withFacts = (facts: Parameters<typeof factsOf>[0]) => ({
  facts: factsOf({exposed: true, entries: [ownEntry], ...facts}),
})
const withTls = (tls: object): Partial<VmVerifySubject> => ({
  gateway: {
    address: '203.0.113.1',
    tls: {reached: true, names: ['istiod.istio-system.svc'], trusted: false, error: undefined, ...tls},
  },
})

test.each<[string, Partial<VmVerifySubject>, RegExp]>([
  ['no registration', withFacts({entries: []}), /^error registered: no WorkloadGroup vm\/web and no WorkloadEntry/],
  ['no control plane', withFacts({controlPlane: undefined}), /^error control-plane: no istiod without a revision in/],
  [
    'a control plane that is not ready',
    withFacts({controlPlane: {...controlPlane, ready: 0}}),
    /^error control-plane: istiod is not ready$/,
  ],
  [
    'a namespace outside the discoverySelectors',
    withFacts({controlPlane: {...controlPlane, discoverySelectors: [{matchLabels: {a: 'b'}}]}}),
    /^error control-plane: istiod does not watch namespace vm/,
  ],
  ['no exposure', withFacts({exposed: false}), /^error istiod-exposed: .* port 15012/],
  ['no gateway address', {gateway: undefined}, /^error gateway-reachable: .* no external address$/],
  [
    'no connection',
    withTls({reached: false, error: 'connection refused'}),
    /^warning gateway-reachable: cannot connect to 203\.0\.113\.1:15012 from this machine: connection refused$/,
  ],
  [
    'a certificate for another host name',
    withTls({names: ['a.b']}),
    /^error istiod-certificate: the certificate at .* is for a\.b; expected istiod\.istio-system\.svc$/,
  ],
  [
    'a certificate of another root',
    withTls({error: 'self-signed certificate'}),
    /^error istiod-certificate: .* not signed by the root .*: self-signed certificate$/,
  ],
])('%s', (_, replaced, expected) => {
  const findings = findingsOf(replaced)
  expect(findings).toHaveLength(1)
  expect(findings[0]).toMatch(expected)
})

test('a requested gateway address needs no exposure by the east-west gateway', () => {
  const registration = readRegistration({gatewayAddress: '203.0.113.1'})
  expect(findingsOf({...withFacts({exposed: false}), registration})).toEqual([])
})
