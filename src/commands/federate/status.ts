import {federationStatusFields} from '../../features/federate/status/spec.ts'
import {federationStatus} from '../../features/federate/status/status.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags} from '../../terminal/flags.ts'
import {listFlags, waitForOkFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateStatus extends BaseCommand {
  static override summary = 'show root CAs, gateways and credentials of federated clusters'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west']

  static override flags = {
    ...flagsOf(federationStatusFields),
    ...accessFlags,
    ...listFlags,
    ...waitForOkFlags,
  }

  async run() {
    const {flags} = await this.parse(FederateStatus)
    return runList(flags, this.terminal(), run => federationStatus(rawOf(federationStatusFields, flags), run))
  }
}
