import {federationStatusFields} from '../../features/federate/status/spec.ts'
import {federationStatus} from '../../features/federate/status/status.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateStatus extends BaseCommand {
  static override summary = 'show root CAs, gateways and credentials of federated clusters'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west']

  static override flags = {
    ...flagsOf(federationStatusFields),
    ...accessFlags,
    output: outputFlag(['json', 'yaml', 'wide']),
  }

  async run() {
    const {flags} = await this.parse(FederateStatus)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return federationStatus(rawOf(federationStatusFields, flags), run)
  }
}
