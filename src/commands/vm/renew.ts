import {renewVm} from '../../features/vm/renew.ts'
import {vmRenewFields} from '../../features/vm/spec.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespace, outputFlag, stringFlag, wordArg} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRenew extends BaseCommand {
  static override summary = 'give a VM a new token, and the root if it changed'

  static override description =
    `A machine that runs renews its certificate by itself. It needs a new token when it was off or cut off for
longer than its certificate lives (a day by default).`

  static override examples = [
    '<%= config.bin %> <%= command.id %> web -n vm',
    '<%= config.bin %> <%= command.id %> web -n vm --ssh admin@10.0.0.5',
  ]

  static override args = {name: wordArg({about: vmRenewFields.name.about})}

  static override flags = {
    ...flagsOf(vmRenewFields),
    namespace,
    ...clusterFlags,
    output: outputFlag(['yaml', 'json', 'name']),
    'output-dir': stringFlag({about: "folder of the machine's files", valueName: 'DIR', fallbackText: 'NAME-vm'}),
  }

  async run() {
    const {args, flags} = await this.parse(VmRenew)
    const run = openRun('vm renew', {...flags, ...lookOnly}, this.terminal())
    return renewVm(rawOf(vmRenewFields, {...flags, ...args}), flags.context ?? '', run)
  }
}

/** Nothing in the cluster is written. */
const lookOnly = {'dry-run': 'none', 'force-conflicts': false, 'exit-code': false, yes: false} as const
