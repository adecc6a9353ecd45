import {statusFields} from '../../features/federate/status/spec.ts'
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

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts east,west',
    '<%= config.bin %> <%= command.id %> --contexts east,west -o wide --at clusters=100,endpoints=40000',
  ]

  static override flags = {
    ...flagsOf(statusFields),
    ...accessFlags,
    ...listFlags,
    ...waitForOkFlags,
  }

  async run() {
    const {flags} = await this.parse(FederateStatus)
    const terminal = this.terminal()
    const raw = rawOf(statusFields, flags)
    const ask = async () => (await import('../../mesh/contexts/questions.ts')).askStatusContexts
    const asker = {access: accessOf(flags), terminal, context: ''}
    return askMissing({fields: statusFields, raw, ask, yes: undefined}, asker, answered =>
      runList(flags, terminal, run => federationStatus(answered, run)),
    )
  }
}
