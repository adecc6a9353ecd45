import {listTenants} from '../../features/tenant/list.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags} from '../../terminal/list/flags.ts'

export default class TenantList extends BaseCommand {
  static override summary = 'list the control planes of a cluster, their namespaces and their connected proxies'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o wide']

  static override flags = {
    ...clusterFlags,
    namespace: namespaceFlag('system namespace or application namespace of the tenants', 'all namespaces'),
    ...allNamespacesFlag,
    ...listFlags,
  }

  async run() {
    const {flags} = await this.parse(TenantList)
    return runList(flags, this.terminal(flags), run => listTenants(flags.context ?? '', run))
  }
}
