import {BaseCommand} from '../../base-command.ts'
import {accessFlags, outputFlag, writeFlags} from '../../flags.ts'
import {removeFederation} from '../../flows/federate/remove.ts'
import {openRun} from '../../flows/run.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {federationRemoveFields} from '../../specs/federation-remove.ts'

export default class FederateRemove extends BaseCommand {
  static override summary = 'take clusters out of the mesh'

  static override description =
    `The clusters that stay (--from) forget the leaving ones and revoke what those hold; then what was made
in the leaving clusters is removed. Namespaces and cacerts stay.`

  static override examples = [
    '<%= config.bin %> <%= command.id %> --contexts south --from east,west --dry-run=server',
    '<%= config.bin %> <%= command.id %> --contexts south --from east,west --unreachable-ok',
  ]

  static override flags = {
    ...flagsOf(federationRemoveFields),
    ...accessFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {flags} = await this.parse(FederateRemove)
    return removeFederation(
      rawOf(federationRemoveFields, flags),
      openRun('federate remove', flags, this.terminal(flags)),
    )
  }
}
