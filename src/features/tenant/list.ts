import type {Cluster} from '../../engine/cluster/cluster.ts'
import {type ExitCode, exitCodes} from '../../errors.ts'
import {type ListRun, printListing} from '../../run/list-run.ts'
import {connect} from '../../run/run.ts'
import {isTable} from '../../terminal/list/list-format.ts'
import {readProxies} from './proxies/read-syncz.ts'
import {formatUnread} from './proxies/report-unread.ts'
import {readAllPods, readTenants, tenantReads} from './read.ts'
import {formatUnproved, strayProxies, type TenantRow, tenantListing, tenantRows} from './report-list.ts'

/**
 * Prints all control planes of a cluster, including those that were installed by other means, with the state of their
 * proxies from the debug pages of the istiods.
 *
 * @param context kubeconfig context; '' for the current one
 */
export async function listTenants(context: string, run: ListRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context, tenantReads)
  const facts = await readTenants(cluster)
  run.terminal.message(formatUnproved(facts))
  const [pods, observed] = await Promise.all([readAllPods(facts), readProxies(cluster, facts.tenants)])
  run.terminal.message(formatUnread(observed))
  if (facts.tenants.length === 0 && isTable(run.list)) {
    run.terminal.message([`${cluster.context}: no control plane found`, 'hint:  kubectl mesh tenant add NAME'])
    return exitCodes.ok
  }
  printListing(run, tenantListing(tenantRows(facts, pods, observed), new Date(), strayProxies(facts, pods)))
  return exitCodes.ok
}

/**
 * Reads the control planes of a cluster without its pods: the rows have no proxies and count no pods.
 *
 * @throws ApiError, UnreachableError
 */
export async function readTenantRows(cluster: Cluster): Promise<TenantRow[]> {
  return tenantRows(await readTenants(cluster), [])
}
