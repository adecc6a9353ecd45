import {connectKiali} from '../../features/addon/connect/connect.ts'
import {addonConnectFields} from '../../features/addon/connect/spec.ts'
import {askMissing, asksNothing} from '../../run/ask-missing.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {wordArg} from '../../terminal/flag-builders.ts'
import {accessFlags, fileFlags, namespaceFlag, outputFlag, waitFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AddonConnect extends BaseCommand {
  static override summary = 'let Kiali read the other clusters of the mesh'

  static override description =
    `In every cluster except that of Kiali, creates a service account that may read, and a token. In the cluster of Kiali, creates a
Secret for each of them under the name of the cluster in the mesh, and mounts it into the pods of Kiali, which restart. It reports if
Kiali has no metrics of the other clusters. A working Secret of another owner is used as it is.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> kiali --contexts east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> kiali --contexts east,west --server west=https://west.example.com:6443',
    '<%= config.bin %> <%= command.id %> kiali --contexts east,west --credential-duration 720h',
  ]

  static override args = {addon: wordArg({about: addonConnectFields.name.about})}

  static override flags = {
    ...flagsOf(addonConnectFields),
    namespace: namespaceFlag('namespace of Kiali', 'the only one in which it runs'),
    ...accessFlags,
    ...writeFlags,
    ...waitFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
    ...fileFlags,
  }

  async run() {
    const {args, flags} = await this.parse(AddonConnect)
    const run = openRun('addon connect', flags, this.terminal(flags))
    const raw = rawOf(addonConnectFields, {...flags, ...args})
    const ask = async () => (await import('../../features/addon/connect/questions.ts')).askConnection
    const yes = asksNothing(flags)
    return askMissing({fields: addonConnectFields, raw, ask, yes}, {...run, context: ''}, answered =>
      connectKiali(answered, run),
    )
  }
}
