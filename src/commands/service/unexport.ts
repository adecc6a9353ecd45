import {serviceUnexportFields, serviceUnexportFlagFields} from '../../features/service/spec.ts'
import {unexportServices} from '../../features/service/unexport.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {importResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {accessFlags, fileFlags, namespace, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class ServiceUnexport extends BaseCommand {
  static override summary = 'withdraw an exported Service'

  static override description =
    `The exports of the same service by other clusters stay. The command does not connect to an exporting cluster whose
name is set with --cluster-name CTX=NAME, so that you can also withdraw the services of an unreachable cluster. In ambient mode, labels get their former values, and Services without pods that an
export has created are removed.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample --contexts east --to west',
    '<%= config.bin %> <%= command.id %> --all --contexts dead --cluster-name dead=south --to east,west',
  ]

  static override args = {name: wordArg({about: 'name of the Service'})}

  static override flags = {
    ...flagsOf(serviceUnexportFlagFields),
    namespace,
    ...accessFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    'output-dir': fileFlags['output-dir'],
    only: fileFlags.only,
  }

  async run() {
    const {args, flags} = await this.parse(ServiceUnexport)
    const raw = rawOf(serviceUnexportFields, {...flags, name: args.name})
    const run = openRun('service unexport', flags, this.terminal(flags), importResults)
    const ask = async () => (await import('../../features/service/questions.ts')).askUnexport
    return askMissing({fields: serviceUnexportFields, raw, ask, yes: flags.yes}, {...run, context: ''}, answered =>
      unexportServices(answered, run),
    )
  }
}
