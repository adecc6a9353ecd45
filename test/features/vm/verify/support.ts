import {expect} from 'vitest'
import {checksFor} from '../../../../src/features/vm/verify/checks.ts'
import type {VmVerifySubject} from '../../../../src/features/vm/verify/subject.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {readRegistration} from '../spec-support.ts'
import {factsOf, workloadEntry} from '../support.ts'

const host = 'istiod.istio-system.svc'

/** The entry that a machine of VM `web` registered, connected to istiod. */
export const ownEntry = workloadEntry(
  {address: '10.0.0.5', labels: {app: 'web'}, ports: {http: 8080}},
  {
    name: 'web-10-0-0-5',
    namespace: 'vm',
    annotations: {'istio.io/autoRegistrationGroup': 'web', 'istio.io/connectedAt': '2026-01-01T00:00:00Z'},
  },
)

/** The subject of a registered and connected VM without problems, with some parts replaced. */
export function subjectOf(replaced: Partial<VmVerifySubject> = {}): VmVerifySubject {
  return {
    vm: {name: 'web', namespace: 'vm', systemNamespace: 'istio-system', revision: undefined},
    registration: readRegistration(),
    facts: factsOf({exposed: true, entries: [ownEntry]}),
    gateway: {address: '203.0.113.1', tls: {reached: true, names: [host], trusted: true, error: undefined}},
    tokenExpires: new Date('2026-01-02T01:00:00Z'),
    folder: 'web-vm',
    now: new Date('2026-01-02T00:00:00Z'),
    ...replaced,
  }
}

/** The findings of all checks that apply, as `LEVEL CHECK: MESSAGE`. Expects a hint for each. */
export function findingsOf(replaced: Partial<VmVerifySubject> = {}): string[] {
  const subject = subjectOf(replaced)
  const findings = runChecks(checksFor(subject), subject)
  for (const {hints, check} of findings) expect(hints?.length, check).toBeGreaterThan(0)
  return findings.map(({level, check, message}) => `${level} ${check}: ${message}`)
}
