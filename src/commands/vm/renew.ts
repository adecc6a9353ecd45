import {renewVm} from '../../features/vm/renew.ts'
import {vmRenewFields} from '../../features/vm/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {vmResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {stringFlag, wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespace, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmRenew extends BaseCommand {
  static override summary = 'issue a new token for a VM, and update its root certificate'

  static override description =
    `A running VM renews its certificate automatically. It needs a new token if it was shut down or disconnected for longer
than the lifetime of its certificate (24 hours by default).`

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
    'output-dir': stringFlag({about: 'folder with the files of the VM', valueName: 'DIR', fallbackText: 'NAME-vm'}),
  }

  async run() {
    const {args, flags} = await this.parse(VmRenew)
    const run = openRun('vm renew', {...flags, ...noChanges}, this.terminal(flags), vmResults)
    const context = flags.context ?? ''
    const raw = rawOf(vmRenewFields, {...flags, ...args})
    const ask = async () => (await import('../../features/vm/existing/questions.ts')).askVmName
    return askMissing({fields: vmRenewFields, raw, ask, yes: undefined}, {...run, context}, answered =>
      renewVm(answered, context, run),
    )
  }
}

/** In the cluster, the command only stores in the record of the VM when the token expires. */
const noChanges = {'dry-run': 'none', 'force-conflicts': false, 'exit-code': false, yes: false} as const
