import type {ReportedFinding} from '../../findings/check.ts'
import {summarize} from '../../terminal/output/diff.ts'
import type {Verified} from '../../terminal/output/verify.ts'
import {titleOf} from './kind.ts'
import type {PlannedDocument} from './planned.ts'

/** Returns one test suite for each document, which fails if it differs from its clusters, or cannot be compared with them. */
export function driftOf(planned: readonly PlannedDocument[]): Verified[] {
  return planned.map(one => ({
    title: `${one.document.kind.kind} ${one.document.name}`,
    checks: [{id: 'drift', about: 'the clusters have what the file describes'}],
    findings: one.differs || one.failed ? [findingOf(one)] : [],
  }))
}

function findingOf({document, plans, later, failed}: PlannedDocument): ReportedFinding {
  if (failed) return {check: 'drift', level: 'error', message: failed.map(({message}) => message).join('; ')}
  const changes = plans.filter(({steps}) => steps.some(({verdict}) => verdict !== 'unchanged'))
  const problems = later?.problems.map(({message}) => message) ?? []
  const texts = [...changes.map(({cluster, steps}) => `${cluster}: ${summarize(steps)}`), ...problems]
  return {
    check: 'drift',
    level: 'error',
    message: `${titleOf(document)} ${document.pruned ? 'is not removed' : 'is not applied'}${texts.length > 0 ? `: ${texts.join('; ')}` : ''}`,
  }
}
