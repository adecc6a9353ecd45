import {usageError} from '../errors.ts'
import type {Run} from './run.ts'

/** For commands whose changes hang on what is there: without a cluster there is nothing to print. */
export function refuseClientDryRun(run: Run): void {
  if (run.write.dryRun === 'client')
    throw usageError(
      'what changes hangs on what is in the cluster, which --dry-run=client does not ask',
      '--dry-run=server',
    )
}
