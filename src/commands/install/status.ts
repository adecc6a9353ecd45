import {installStatus} from '../../features/install/status.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, outputFlag} from '../../terminal/flags.ts'

export default class InstallStatus extends BaseCommand {
  static override summary = 'show the control planes of a cluster, their versions and what manages them'

  static override examples = ['<%= config.bin %> <%= command.id %>', '<%= config.bin %> <%= command.id %> -o json']

  static override flags = {...clusterFlags, output: outputFlag(['wide', 'json', 'yaml'])}

  async run() {
    const {flags} = await this.parse(InstallStatus)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return installStatus(flags.context ?? '', run)
  }
}
