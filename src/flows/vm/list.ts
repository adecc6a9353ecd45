import {type ExitCode, exitCodes} from '../../errors.ts'
import {vmRows} from '../../facts/vm-rows.ts'
import {formatVmList} from '../../output/vm-list.ts'
import {type RawSpec, readSpec} from '../../specs/read.ts'
import {vmListFields} from '../../specs/vm.ts'
import {connect, type LookRun} from '../run.ts'

/** Shows all VMs of a namespace or of the cluster. Only reads. */
export async function listVms(raw: RawSpec<typeof vmListFields>, context: string, run: LookRun): Promise<ExitCode> {
  const {namespace} = readSpec(vmListFields, raw)
  const cluster = await connect(run.access, context)
  const where = namespace === undefined ? {} : {namespace}
  const [groups, entries] = await Promise.all(
    ['WorkloadGroup', 'WorkloadEntry'].map(kind => cluster.list({apiVersion: 'networking.istio.io/v1', kind}, where)),
  )
  const rows = vmRows(groups!, entries!)
  if (rows.length === 0 && run.output !== 'json' && run.output !== 'yaml') {
    run.terminal.talk(
      `no VMs${namespace === undefined ? '' : ` in namespace ${namespace}`}\nhint:  kubectl mesh vm register NAME`,
    )
    return exitCodes.ok
  }
  run.terminal.print(formatVmList(rows, run.output, new Date()))
  return exitCodes.ok
}
