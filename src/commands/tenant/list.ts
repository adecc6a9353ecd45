import {BaseCommand} from '../../base-command.ts'
import {clusterFlags, outputFlag} from '../../flags.ts'
import {accessOf} from '../../flows/run.ts'
import {listTenants} from '../../flows/tenant/list.ts'

export default class TenantList extends BaseCommand {
  static override summary = 'show the control planes of a cluster, their namespaces and who talks to them'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o wide']

  static override flags = {...clusterFlags, output: outputFlag(['wide', 'json', 'yaml'])}

  async run() {
    const {flags} = await this.parse(TenantList)
    return listTenants(flags.context ?? '', {terminal: this.terminal(), access: accessOf(flags), output: flags.output})
  }
}
