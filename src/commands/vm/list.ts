import {listVms} from '../../features/vm/list/list.ts'
import {vmListFields} from '../../features/vm/spec.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags} from '../../terminal/list/flags.ts'
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
    ...allNamespacesFlag,
    ...listFlags,
  }

  async run() {
    const {flags} = await this.parse(VmList)
    return runList(flags, this.terminal(flags), run => listVms(rawOf(vmListFields, flags), flags.context ?? '', run))
  }
}
