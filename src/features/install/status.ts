import {type ExitCode, exitCodes} from '../../errors.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {isTable} from '../../terminal/list/list-format.ts'
import {type Installed, readInstalled} from './read.ts'
import {controlPlaneListing} from './report.ts'
import {statusReads} from './rights.ts'

/**
 * Prints the control planes of a cluster, whoever installed them.
 *
 * @param context kubeconfig context; '' for the current one
 * @param wait the exit code is 5 until every control plane is ready, and all of its pods
 * @returns 5 if a control plane has no ready pod
 * @throws ApiError, UnreachableError
 */
export async function installStatus(context: string, run: ListRun, wait: boolean): Promise<ExitCode> {
  const cluster = await connect(run.access, context, statusReads)
  const installed = await readInstalled(cluster)
  if (installed.length === 0 && isTable(run.list)) {
    run.terminal.message([`${cluster.context}: no control plane found`, 'hint:  kubectl mesh install'])
    return wait ? exitCodes.check : exitCodes.ok
  }
  printListing(run, controlPlaneListing(installed, new Date()))
  const isReady = ({controlPlane: {ready, replicas}}: Installed) => ready >= (wait ? Math.max(1, replicas) : 1)
  return installed.every(isReady) ? exitCodes.ok : exitCodes.check
}
