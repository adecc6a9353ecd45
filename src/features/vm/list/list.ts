import type {Cluster} from '../../../engine/cluster/cluster.ts'
import {ApiError} from '../../../engine/cluster/errors.ts'
import type {KubernetesObject} from '../../../engine/kubernetes/object.ts'
import {type ExitCode, exitCodes} from '../../../errors.ts'
import {type ListRun, printListing} from '../../../run/list-run.ts'
import {connect} from '../../../run/run.ts'
import {type RawSpec, readSpec} from '../../../spec/read.ts'
import {isTable} from '../../../terminal/list/list-format.ts'
import {vmListFields} from '../spec.ts'
import {readVmTokens, type VmToken} from '../token/read-tokens.ts'
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
  const scope = namespace === undefined ? {} : {namespace}
  const [workloads, tokens] = await Promise.all([readWorkloads(cluster, scope), readTokensIfAllowed(cluster)])
  const rows = vmRows(...workloads, tokens)
  if (rows.length === 0 && isTable(run.list)) {
    const place = namespace === undefined ? '' : ` in namespace ${namespace}`
    run.terminal.message([`no VMs${place}`, 'hint:  kubectl mesh vm register NAME'])
    return exitCodes.ok
  }
  printListing(run, vmListing(rows, new Date()))
  return exitCodes.ok
}

/**
 * Reads the VMs of a namespace, or of the whole cluster, without their tokens.
 *
 * @throws ApiError, UnreachableError
 */
export async function readVmRows(cluster: Cluster, scope: {namespace?: string}): Promise<VmRow[]> {
  return vmRows(...(await readWorkloads(cluster, scope)), [])
}

function readWorkloads(
  cluster: Cluster,
  scope: {namespace?: string},
): Promise<[KubernetesObject[], KubernetesObject[]]> {
  const apiVersion = 'networking.istio.io/v1'
  return Promise.all([
    cluster.list({apiVersion, kind: 'WorkloadGroup'}, scope),
    cluster.list({apiVersion, kind: 'WorkloadEntry'}, scope),
  ])
}

/** A user of one namespace may not be allowed to read the records. Then it is unknown when tokens expire. */
async function readTokensIfAllowed(cluster: Cluster): Promise<VmToken[]> {
  try {
    return await readVmTokens(cluster)
  } catch (error) {
    if (error instanceof ApiError && error.status === 403) return []
    throw error
  }
}
