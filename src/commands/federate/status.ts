import {BaseCommand} from '../../base-command.ts'
import {accessFlags, outputFlag} from '../../flags.ts'
import {federationStatus} from '../../flows/federate/status.ts'
import {accessOf} from '../../flows/run.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {federationStatusFields} from '../../specs/federation-status.ts'

export default class FederateStatus extends BaseCommand {
  static override summary = 'show what is joined: roots, gateways, and who holds a credential for whom'

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
