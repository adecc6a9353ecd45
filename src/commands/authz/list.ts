import {listAuthorizers} from '../../features/authz/list.ts'
import {authzListFields} from '../../features/authz/spec.ts'
import {runList} from '../../run/list-run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, namespaceFlag} from '../../terminal/flags.ts'
import {allNamespacesFlag, listFlags} from '../../terminal/list/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzList extends BaseCommand {
  static override summary = 'list external authorizers, their failure mode and the policies that use them'

  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = {
    ...flagsOf(authzListFields),
    ...clusterFlags,
    namespace: namespaceFlag('namespace of the policies', 'all namespaces'),
    ...allNamespacesFlag,
    ...listFlags,
  }

  async run() {
    const {flags} = await this.parse(AuthzList)
    const raw = rawOf(authzListFields, flags)
    return runList(flags, this.terminal(flags), run => listAuthorizers(raw, flags.context ?? '', run))
  }
}
