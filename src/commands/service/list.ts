import {listServices} from '../../features/service/list.ts'
import {serviceListFields} from '../../features/service/spec.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceList extends BaseCommand {
  static override summary = 'list imported services, their exporting clusters and their endpoints'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west']

  static override flags = {
    ...flagsOf(serviceListFields),
    ...accessFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {flags} = await this.parse(ServiceList)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return listServices(rawOf(serviceListFields, flags), run)
  }
}
