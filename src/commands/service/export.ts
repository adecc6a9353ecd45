import {exportServices} from '../../features/service/export.ts'
import {serviceExportFields, serviceExportFlagFields} from '../../features/service/spec.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, fileFlags, namespace, outputFlag, selector, wordArg, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceExport extends BaseCommand {
  static override summary = 'let other clusters call a Service as NAME.NAMESPACE.global'

  static override description =
    `Writes in each other cluster a ServiceEntry whose endpoints are the gateways of the exporting clusters, and the
DestinationRule by which they are called. No cluster needs access to another's API server. Several clusters that export one service
are all its endpoints. --output-dir writes files, for all that each cluster imports, and changes no cluster.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --contexts east --to west',
    '<%= config.bin %> <%= command.id %> -l team=shop -n shop --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --watch --contexts east,west --yes',
  ]

  static override args = {name: wordArg({about: 'the Service'})}

  static override flags = {
    ...flagsOf(serviceExportFlagFields),
    namespace,
    selector,
    ...accessFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
    only: fileFlags.only,
  }

  async run() {
    const {args, flags} = await this.parse(ServiceExport)
    const raw = rawOf(serviceExportFields, {...flags, name: args.name})
    return exportServices(raw, openRun('service export', flags, this.terminal(flags)))
  }
}
