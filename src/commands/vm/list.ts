import {listVms} from '../../features/vm/list.ts'
import {vmListFields} from '../../features/vm/spec.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespace, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmList extends BaseCommand {
  static override summary =
    'show VMs: how they were registered, whether they are well, where they are, and to whom they are connected'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> -n vm -o json',
  ]

  static override flags = {
    ...flagsOf(vmListFields),
    namespace: {...namespace, summary: '[default: all] namespace'},
    ...clusterFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {flags} = await this.parse(VmList)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return listVms(rawOf(vmListFields, flags), flags.context ?? '', run)
  }
}
