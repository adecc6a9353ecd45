import {removeInstall} from '../../features/install/remove.ts'
import {installRemoveFields} from '../../features/install/spec.ts'
import {removalResults} from '../../run/flags/results.ts'
import {openRun} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, outputFlag, removalFlags, writeFlags} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class InstallRemove extends BaseCommand {
  static override summary = 'remove the control plane that install created'

  static override description =
    `The command is refused while proxies of the control plane run, and while the cluster is a member of a mesh. The system
namespace, CustomResourceDefinitions and the Secret cacerts stay.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --dry-run=server',
    '<%= config.bin %> <%= command.id %> --revision 1-31-0 --yes',
  ]

  static override flags = {
    ...flagsOf(installRemoveFields),
    ...clusterFlags,
    ...writeFlags,
    ...removalFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {flags} = await this.parse(InstallRemove)
    const raw = rawOf(installRemoveFields, flags)
    return removeInstall(
      raw,
      flags.context ?? '',
      openRun('install remove', flags, this.terminal(flags), removalResults),
    )
  }
}
