import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {connect} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {isTable} from '../../../terminal/list/list-format.ts'
import {vmListFields} from '../spec.ts'
import {vmListing} from './report.ts'
import {type VmRow, vmRows} from './report-rows.ts'

/**
 * Lists the VMs of a namespace or of the whole cluster.
 *
 * @param context kubeconfig context; empty for the current one
 */
export async function listVms(raw: RawSpec<typeof vmListFields>, context: string, run: ListRun): Promise<ExitCode> {
  const {namespace} = readSpec(vmListFields, raw)
  const cluster = await connect(run.access, context)
  const rows = await readVmRows(cluster, namespace === undefined ? {} : {namespace})
  if (rows.length === 0 && isTable(run.list)) {
    const place = namespace === undefined ? '' : ` in namespace ${namespace}`
    run.terminal.message([`no VMs${place}`, 'hint:  kubectl mesh vm register NAME'])
    return exitCodes.ok
  }
  printListing(run, vmListing(rows, new Date()))
  return exitCodes.ok
}

/**
 * Reads the VMs of a namespace, or of the whole cluster.
 *
 * @throws ApiError, UnreachableError
 */
export async function readVmRows(cluster: Cluster, scope: {namespace?: string}): Promise<VmRow[]> {
  const [groups, entries] = await Promise.all(
    ['WorkloadGroup', 'WorkloadEntry'].map(kind => cluster.list({apiVersion: 'networking.istio.io/v1', kind}, scope)),
  )
  return vmRows(groups!, entries!)
}
