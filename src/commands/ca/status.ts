import {caStatusFields} from '../../features/ca/spec.ts'
import {caStatus} from '../../features/ca/status.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {runList} from '../../run/list-run.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags} from '../../terminal/flags.ts'
import {listFlags, waitForOkFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class CaStatus extends BaseCommand {
  static override summary = 'show issuer, expiry and root of the CAs in clusters and in a CA folder'

  static override examples = ['<%= config.bin %> <%= command.id %> --contexts east,west --dir mesh-ca']

  static override flags = {...flagsOf(caStatusFields), ...accessFlags, ...listFlags, ...waitForOkFlags}

  async run() {
    const {flags} = await this.parse(CaStatus)
    const terminal = this.terminal()
    const raw = rawOf(caStatusFields, flags)
    const ask = async () =>
      raw.dir === undefined ? (await import('../../mesh/contexts/questions.ts')).askStatusContexts : async () => ({})
    const asker = {access: accessOf(flags), terminal}
    return askMissing({fields: caStatusFields, raw, ask, yes: undefined}, asker, answered =>
      runList(flags, terminal, run => caStatus(answered, run)),
    )
  }
}
