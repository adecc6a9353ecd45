import {localityStatusFields} from '../../features/locality/status/spec.ts'
import {localityStatus} from '../../features/locality/status.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespaceFlag, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityStatus extends BaseCommand {
  static override summary = 'show the localities of nodes and endpoints, and how requests are routed'

  static override examples = [
    '<%= config.bin %> <%= command.id %>',
    '<%= config.bin %> <%= command.id %> helloworld -n sample --from shenzhen/sz-1',
  ]

  static override args = {host: wordArg({about: localityStatusFields.host.about})}

  static override flags = {
    ...flagsOf(localityStatusFields),
    namespace: namespaceFlag('namespace of a host that is given without one'),
    ...clusterFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {args, flags} = await this.parse(LocalityStatus)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return localityStatus(rawOf(localityStatusFields, {...flags, ...args}), flags.context ?? '', run)
  }
}
