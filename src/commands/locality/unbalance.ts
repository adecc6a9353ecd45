import {localityUnbalanceFields} from '../../features/locality/balance/spec-unbalance.ts'
import {unbalanceHosts} from '../../features/locality/unbalance.ts'
import {withReplay} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordsArg} from '../../terminal/flag-builders.ts'
import {clusterFlags, namespaceFlag, outputFlag, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class LocalityUnbalance extends BaseCommand {
  static override summary = 'take back what locality balance has set for hosts'

  static override description =
    `Deletes the DestinationRules that locality balance created, and removes its fields from rules and Services of other
owners. The settings of the mesh config stay: --mesh-wide undo restores them.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> helloworld -n sample',
    '<%= config.bin %> <%= command.id %> --all --dry-run=server',
  ]

  static override args = {host: wordsArg({about: localityUnbalanceFields.hosts.about})}

  static override flags = {
    ...flagsOf(localityUnbalanceFields),
    namespace: namespaceFlag('namespace of hosts that are given without one'),
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(LocalityUnbalance)
    const raw = rawOf(localityUnbalanceFields, {...flags, ...args})
    const run = openRun('locality unbalance', flags, this.terminal(flags))
    return withReplay(run, flags.context ?? '', context => unbalanceHosts(raw, context, run))
  }
}
