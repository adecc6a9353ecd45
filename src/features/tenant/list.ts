import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {readPods, readTenants} from './read.ts'
import {strayProxies, tenantRows} from './read-rows.ts'
import {formatTenants} from './report-list.ts'

/** Shows all control planes of a cluster, also those that others made. Only reads. */
export async function listTenants(context: string, run: ReadRun): Promise<ExitCode> {
  const cluster = await connect(run.access, context)
  const facts = await readTenants(cluster)
  const pods = await readPods(
    cluster,
    facts.namespaces.map(({metadata}) => metadata.name),
  )
  if (facts.tenants.length === 0 && (run.output === undefined || run.output === 'wide')) {
    run.terminal.message(`${cluster.context}: no control plane here\nhint:  kubectl mesh tenant add NAME`)
    return exitCodes.ok
  }
  run.terminal.print(formatTenants(tenantRows(facts, pods), run.output, strayProxies(facts, pods)))
  return exitCodes.ok
}
