import {type ExitCode, exitCodes} from '../../errors.ts'
import {connect, type ReadRun} from '../../run/run.ts'
import {type RawSpec, readSpec} from '../../spec/read.ts'
import {vmRows} from './read-rows.ts'
import {formatVmList} from './report-list.ts'
import {vmListFields} from './spec.ts'

/** Shows all VMs of a namespace or of the cluster. Only reads. */
export async function listVms(raw: RawSpec<typeof vmListFields>, context: string, run: ReadRun): Promise<ExitCode> {
  const {namespace} = readSpec(vmListFields, raw)
  const cluster = await connect(run.access, context)
  const where = namespace === undefined ? {} : {namespace}
  const [groups, entries] = await Promise.all(
    ['WorkloadGroup', 'WorkloadEntry'].map(kind => cluster.list({apiVersion: 'networking.istio.io/v1', kind}, where)),
  )
  const rows = vmRows(groups!, entries!)
  if (rows.length === 0 && run.output !== 'json' && run.output !== 'yaml') {
    run.terminal.message(
      `no VMs${namespace === undefined ? '' : ` in namespace ${namespace}`}\nhint:  kubectl mesh vm register NAME`,
    )
    return exitCodes.ok
  }
  run.terminal.print(formatVmList(rows, run.output, new Date()))
  return exitCodes.ok
}
