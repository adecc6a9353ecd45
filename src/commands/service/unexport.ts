import {serviceUnexportFields, serviceUnexportFlagFields} from '../../features/service/spec.ts'
import {unexportServices} from '../../features/service/unexport.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, fileFlags, namespace, outputFlag, wordArg, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceUnexport extends BaseCommand {
  static override summary = 'take an exported Service back'

  static override description =
    `Other clusters that export the same service stay. An exporter that is named by --cluster-name CTX=NAME is not
asked, so that it may be dead.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --contexts east --to west',
    '<%= config.bin %> <%= command.id %> --all --contexts dead --cluster-name dead=south --to east,west',
  ]

  static override args = {name: wordArg({about: 'the Service'})}

  static override flags = {
    ...flagsOf(serviceUnexportFlagFields),
    namespace,
    ...accessFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
    only: fileFlags.only,
  }

  async run() {
    const {args, flags} = await this.parse(ServiceUnexport)
    const raw = rawOf(serviceUnexportFields, {...flags, name: args.name})
    return unexportServices(raw, openRun('service unexport', flags, this.terminal(flags)))
  }
}
