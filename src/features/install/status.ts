import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {readInstalled} from './read.ts'
import {formatControlPlanes} from './report.ts'
import {statusReads} from './rights.ts'

/**
 * Prints the control planes of a cluster, whoever installed them.
 *
 * @param context kubeconfig context; '' for the current one
 * @throws ApiError, UnreachableError
 */
export async function installStatus(context: string, run: ReadRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context, statusReads)
  const installed = await readInstalled(cluster)
  if (installed.length === 0 && (run.output === undefined || run.output === 'wide')) {
    run.terminal.message([`${cluster.context}: no control plane found`, 'hint:  kubectl mesh install'])
    return exitCodes.ok
  }
  run.terminal.print(formatControlPlanes(installed, run.output))
  return exitCodes.ok
}
