import {exitCodes, MeshError} from '../../../errors.ts'
import type {MeshMember} from '../../../mesh/members.ts'
import {applyPlans, failuresOf, refuseConflicts} from '../../../run/apply-plan.ts'
import type {Run} from '../../../run/run.ts'
import {openCaSource} from '../ca-source.ts'
import {changesOf, clusterOf, compareAll} from '../plan.ts'
import type {Federation} from '../spec.ts'

/**
 * Stores the lifetime of tokens in the records, so that `mesh federate` keeps it. It is stored before the first token changes: if
 * the run is interrupted, `mesh federate` continues the rotation.
 *
 * @throws MeshError (exit 4) if a record cannot be written
 */
export async function storeDuration(federation: Federation, all: readonly MeshMember[], run: Run): Promise<void> {
  const ca = await openCaSource({...federation, caDir: undefined}, run.terminal)
  const changes = await changesOf(federation, all, ca, false)
  const records = changes.filter(
    change => change.action === 'apply' && change.stays && change.object.kind === 'ConfigMap',
  )
  const plans = await compareAll(all, records, run)
  refuseConflicts(plans)
  const outcomes = await applyPlans(plans, new Map(all.map(member => [member.cluster, clusterOf(member)])), run)
  const failures = failuresOf(outcomes).map(([, problem]) => problem)
  if (failures.length > 0) throw new MeshError(failures, exitCodes.partly)
}
