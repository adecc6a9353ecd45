import {installStatus} from '../../features/install/status.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags, waitForOkFlags} from '../../terminal/list/flags.ts'

export default class InstallStatus extends BaseCommand {
  static override summary = 'show the control planes of a cluster, their versions and what manages them'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o json']

  static override flags = {
    ...clusterFlags,
    namespace: namespaceFlag('namespace of the control planes', 'all namespaces'),
    ...allNamespacesFlag,
    ...listFlags,
    ...waitForOkFlags,
  }

  async run() {
    const {flags} = await this.parse(InstallStatus)
    return runList(flags, this.terminal(flags), run => installStatus(flags.context ?? '', run, flags.wait))
  }
}
