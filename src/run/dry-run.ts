import {usageError} from '../errors.ts'
import type {Run} from './run.ts'

/**
 * Refuses `--dry-run=client` for commands whose changes depend on the state of the cluster.
 *
 * @throws MeshError (exit 2)
 */
export function refuseClientDryRun(run: {write: Pick<Run['write'], 'dryRun'>}): void {
  if (run.write.dryRun === 'client')
    throw usageError(
      'this command depends on the state of the cluster, which --dry-run=client does not read',
      '--dry-run=server shows the differences; with -o yaml or --output-dir, the manifests',
    )
}
