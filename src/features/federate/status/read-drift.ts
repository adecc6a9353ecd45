import {nameOf} from '../../../engine/kubernetes/object.ts'
import type {ReportedFinding} from '../../../findings/check.ts'
import type {Run} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {readMerged} from '../../../spec/settings.ts'
import {shellWord} from '../../../text/shell-word.ts'
import {openCaSource} from '../ca-source.ts'
import {planFederation} from '../plan.ts'
import {completeMembers, readClusters} from '../read.ts'
import {resolveControlPlanes} from '../resolve-control-planes.ts'
import {readInput, readScope} from '../settings/settings.ts'
import {mergeFederation} from '../settings/spec-stored.ts'
import {federationFields, validateFederation} from '../spec.ts'

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
  const merged = readMerged(federationFields, input, mergeFederation(input), values =>
    readSpec(federationFields, values, validateFederation),
  )
  const spec = {...merged, controlPlane: 'keep' as const}
  const ca = await openCaSource(spec, run.terminal)
  const all = await resolveControlPlanes(spec, await completeMembers(spec, facts))
  const plans = await planFederation(spec, all, ca, run)
  return plans.flatMap(({cluster, steps}) =>
    steps
      .filter(({verdict}) => verdict !== 'unchanged')
      .map(({ref, verdict}) => ({
        level: 'warning' as const,
        check: 'drift',
        cluster,
        message: `${nameOf(ref)}${ref.namespace === undefined ? '' : ` in namespace ${ref.namespace}`} ${driftText[verdict]}`,
        hints: [
          `kubectl mesh federate --contexts ${shellWord(scope.contexts.join(','))} --dry-run=server shows the difference`,
        ],
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
