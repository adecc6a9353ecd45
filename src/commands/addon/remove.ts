import {removeAddons} from '../../features/addon/remove.ts'
import {addonRemoveFields} from '../../features/addon/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordsArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AddonRemove extends BaseCommand {
  static override summary = 'remove add-ons that addon install created'

  static override description = 'The namespace stays, and so do volumes that the pods of a StatefulSet have claimed.'

  static override examples = [
    '<%= config.bin %> <%= command.id %> kiali --dry-run=server',
    '<%= config.bin %> <%= command.id %> kiali prometheus --yes',
  ]

  static override args = {addons: wordsArg({about: addonRemoveFields.names.about})}

  static override flags = {
    ...flagsOf(addonRemoveFields),
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(AddonRemove)
    const raw = rawOf(addonRemoveFields, {...flags, ...args})
    const run = openRun('addon remove', flags, this.terminal(flags), removalResults)
    const context = flags.context ?? ''
    const ask = async () => (await import('../../features/addon/questions.ts')).askInstalledAddons
    return askMissing({fields: addonRemoveFields, raw, ask, yes: flags.yes}, {...run, context}, answered =>
      removeAddons(answered, context, run),
    )
  }
}
