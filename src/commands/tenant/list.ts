import {listTenants} from '../../features/tenant/list.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, outputFlag} from '../../terminal/flags.ts'

export default class TenantList extends BaseCommand {
  static override summary = 'list the control planes of a cluster, their namespaces and their connected proxies'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o wide']

  static override flags = {...clusterFlags, output: outputFlag(['wide', 'json', 'yaml'])}

  async run() {
    const {flags} = await this.parse(TenantList)
    return listTenants(flags.context ?? '', {terminal: this.terminal(), access: accessOf(flags), output: flags.output})
  }
}
