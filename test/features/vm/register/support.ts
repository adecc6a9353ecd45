import {expect} from 'vitest'
import {vmChecks} from '../../../../src/features/vm/register/checks.ts'
import type {VmSubject} from '../../../../src/features/vm/register/subject.ts'
import type {SharingFacts} from '../../../../src/features/vm/shared/plan.ts'
import {runChecks} from '../../../../src/findings/check.ts'
import {readRegistration} from '../spec-support.ts'
import {sharingFactsOf} from '../support.ts'

/** The findings of all preflight checks as `LEVEL CHECK`. Expects a hint for each, except for missing permissions. */
export function findingsOf(raw: object, facts: Partial<SharingFacts> = {}, denied: VmSubject['denied'] = []): string[] {
  const findings = runChecks(vmChecks, {spec: readRegistration(raw), facts: sharingFactsOf(facts), denied})
  for (const {hints, check} of findings) if (check !== 'rights') expect(hints?.length, check).toBeGreaterThan(0)
  return findings.map(({level, check}) => `${level} ${check}`)
}
