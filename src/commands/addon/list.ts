import {listAddons} from '../../features/addon/list.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags} from '../../terminal/list/flags.ts'

export default class AddonList extends BaseCommand {
  static override summary = 'show the add-ons of a cluster, their versions and what manages them'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o json']

  static override flags = {
    ...clusterFlags,
    namespace: namespaceFlag('namespace of the add-ons', 'all namespaces'),
    ...allNamespacesFlag,
    ...listFlags,
  }

  async run() {
    const {flags} = await this.parse(AddonList)
    return runList(flags, this.terminal(flags), run => listAddons(flags.context ?? '', run))
  }
}
