import {nameOf} from '../../../engine/kubernetes/object.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import type {Run} from '../../../run/run.ts'
import {flagsFor, type RawSpec, readSpec} from '../../../spec/read.ts'
import {readMerged} from '../../../spec/settings.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {openCaSource} from '../ca-source.ts'
import {planFederation} from '../plan.ts'
import {completeMembers, readClusters} from '../read.ts'
import {readInput, readScope} from '../settings/settings.ts'
import {mergeFederation} from '../settings/spec-stored.ts'
import {federationFields, validateFederation} from '../spec.ts'

const {contexts, systemNamespace, revision} = federationFields
/** What identifies a federation. The record contains everything else. */
const placeFields = {contexts, systemNamespace, revision}

/**
 * Compares the objects of a federation with those that `mesh federate` would apply with the stored settings. Control planes are
 * not rendered. The API servers validate changes in dry runs; nothing is written.
 *
 * @param raw the clusters of the federation
 * @returns a warning for each object that differs
 * @throws MeshError if a cluster cannot be read, or the current user may not dry-run the changes
 */
export async function readDrift(raw: RawSpec<typeof federationFields>, run: Run): Promise<ReportedFinding[]> {
  const scope = readScope(raw, false)
  const facts = await readClusters(scope, run)
  const input = readInput(raw, scope, facts, run)
  const spec = readMerged(federationFields, input, mergeFederation(input), values =>
    readSpec(federationFields, values, validateFederation),
  )
  const ca = await openCaSource(spec, run.terminal)
  // Without `resolveControlPlanes`, no control plane is rendered. The Spec stays complete, because the record contains all of it.
  const plans = await planFederation(spec, await completeMembers(spec, facts), ca, run)
  const place = flagsFor(placeFields, scope).map(shellWord).join(' ')
  return plans.flatMap(({cluster, steps}) =>
    steps
      .filter(({verdict}) => verdict !== 'unchanged')
      .map(({ref, verdict}) => ({
        level: 'warning' as const,
        check: 'drift',
        cluster,
        message: `${nameOf(ref)}${ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`} ${driftText[verdict]}`,
        hints: [`kubectl mesh federate ${place} --dry-run=server shows the difference`],
      })),
  )
}

/** What `mesh federate` would do with an object. */
const driftText = {
  create: 'does not exist',
  update: 'differs from what kubectl mesh federate applies',
  unchanged: '',
  remove: 'is not used any more',
  conflict: 'has fields of another manager',
} as const
