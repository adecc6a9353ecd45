import type {ClusterSelection} from '../../../engine/cluster-sources/source.ts'
import {usageError} from '../../../errors.ts'
import type {Run} from '../../../run/run.ts'
import {withSources} from '../../../run/sources/with-sources.ts'
import {commonFields} from '../../../spec/common-fields.ts'
import {FieldProblem} from '../../../spec/field.ts'
import type {RawSpec} from '../../../spec/read.ts'
import type {federationFields} from '../spec.ts'
import {type federationFileFields, parseSelection} from './spec.ts'

/**
 * Replaces `spec.clusters` of a mesh file by the contexts of these clusters, for `mesh federate -f`.
 *
 * @param isNamed `--contexts` is set, which replaces the clusters of the file
 * @throws MeshError (exit 2) for an invalid value, or with a client dry run; as `withSources`
 */
export async function withSelectedClusters(
  {clusters: raw, ...rest}: RawSpec<typeof federationFileFields>,
  isNamed: boolean,
  run: Run,
): Promise<{raw: RawSpec<typeof federationFields>; run: Run}> {
  if (raw === undefined || raw === null || isNamed) return {raw: rest, run}
  const selection = parsed(raw)
  if (run.write.dryRun === 'client')
    throw usageError(
      'spec.clusters conflicts with --dry-run=client, which connects to no cluster',
      'use --dry-run=server, or name the clusters with --contexts',
    )
  const {run: sourced, contextsOf} = await withSources([selection.from], run)
  const own = rest.contexts === undefined || rest.contexts === null ? [] : commonFields.contexts.parse(rest.contexts)
  return {raw: {...rest, contexts: [...new Set([...own, ...contextsOf(selection)])]}, run: sourced}
}

function parsed(raw: NonNullable<RawSpec<typeof federationFileFields>['clusters']>): ClusterSelection {
  try {
    return parseSelection(raw)
  } catch (error) {
    if (error instanceof FieldProblem) throw usageError(`spec.clusters ${error.message}`)
    throw error
  }
}
