import {listServices} from '../../features/service/list.ts'
import {serviceListFields} from '../../features/service/spec.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceList extends BaseCommand {
  static override summary = 'list imported or shared services, their clusters and their endpoints'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west']

  static override flags = {
    ...flagsOf(serviceListFields),
    ...accessFlags,
    namespace: namespaceFlag('namespace of the services', 'all namespaces'),
    ...allNamespacesFlag,
    ...listFlags,
  }

  async run() {
    const {flags} = await this.parse(ServiceList)
    return runList(flags, this.terminal(), run => listServices(rawOf(serviceListFields, flags), run))
  }
}
