import {removeFederation} from '../../features/federate/remove/remove.ts'
import {federationRemoveFields} from '../../features/federate/remove/spec.ts'
import {askMissing} from '../../run/ask-missing.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {accessFlags, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class FederateRemove extends BaseCommand {
  static override summary = 'remove clusters from the mesh'

  static override description =
    `First removes all references to the leaving clusters from the remaining ones (--from), and revokes the
credentials of the leaving clusters. Then removes the objects of kubectl mesh from the leaving clusters: those that its record in the
system namespace lists. Namespaces and the Secret cacerts stay.

Remote Secrets of other owners are removed only for clusters that you name in --contexts or --from.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts south --from east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts south --from east,west --unreachable-ok',
  ]

  static override flags = {
    ...flagsOf(federationRemoveFields),
    ...accessFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {flags} = await this.parse(FederateRemove)
    const run = openRun('federate remove', flags, this.terminal(flags), removalResults)
    const raw = rawOf(federationRemoveFields, flags)
    const ask = async () => (await import('../../features/federate/questions/questions-existing.ts')).askLeaving
    return askMissing({fields: federationRemoveFields, raw, ask, yes: flags.yes}, {...run, context: ''}, answered =>
      removeFederation(answered, run),
    )
  }
}
