import type {askStatusContexts} from '../../features/federate/questions/questions-existing.ts'
import {federationStatusFields} from '../../features/federate/status/spec.ts'
import {federationStatus} from '../../features/federate/status/status.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {runList} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
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
    const terminal = this.terminal()
    const raw = rawOf(federationStatusFields, flags)
    const ask: typeof askStatusContexts = async (input, asker) =>
      (await import('../../features/federate/questions/questions-existing.ts')).askStatusContexts(input, asker)
    const asker = {access: accessOf(flags), terminal, context: ''}
    return askMissing({fields: federationStatusFields, raw, ask, yes: undefined}, asker, answered =>
      runList(flags, terminal, run => federationStatus(answered, run)),
    )
  }
}
