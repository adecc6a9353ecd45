import {listVms} from '../../features/vm/list/list.ts'
import {vmListFields} from '../../features/vm/spec.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class VmList extends BaseCommand {
  static override summary = 'list VMs with their registration, health, locality and connected istiod'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> -n vm -o json',
  ]

  static override flags = {
    ...flagsOf(vmListFields),
    namespace: namespaceFlag('namespace', 'all namespaces'),
    ...clusterFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {flags} = await this.parse(VmList)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return listVms(rawOf(vmListFields, flags), flags.context ?? '', run)
  }
}
