import {BaseCommand} from '../../base-command.ts'
import {accessFlags, outputFlag} from '../../flags.ts'
import {accessOf} from '../../flows/run.ts'
import {listServices} from '../../flows/service/list.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {serviceListFields} from '../../specs/service-export.ts'

export default class ServiceList extends BaseCommand {
  static override summary = 'show which services clusters import, from whom, and where they lead'

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
