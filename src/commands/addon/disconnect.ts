import {disconnectKiali} from '../../features/addon/connect/disconnect.ts'
import {addonDisconnectFields} from '../../features/addon/connect/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {accessFlags, namespaceFlag, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AddonDisconnect extends BaseCommand {
  static override summary = 'end what addon connect has created'

  static override description =
    `Removes the Secrets for the other clusters and their mounts from Kiali, and revokes its tokens there. The account of a cluster is
removed with its last token. Objects of other owners stay.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> kiali --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> kiali --contexts east,west --yes',
  ]

  static override args = {addon: wordArg({about: addonDisconnectFields.name.about})}

  static override flags = {
    ...flagsOf(addonDisconnectFields),
    namespace: namespaceFlag('namespace of Kiali', 'the only one in which it runs'),
    ...accessFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(AddonDisconnect)
    const run = openRun('addon disconnect', flags, this.terminal(flags), removalResults)
    const raw = rawOf(addonDisconnectFields, {...flags, ...args})
    const ask = async () => (await import('../../features/addon/connect/questions.ts')).askConnection
    const yes = asksNothing(flags)
    return askMissing({fields: addonDisconnectFields, raw, ask, yes}, {...run, context: ''}, answered =>
      disconnectKiali(answered, run),
    )
  }
}
