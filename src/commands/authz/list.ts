import {listAuthorizers} from '../../features/authz/list.ts'
import {authzListFields} from '../../features/authz/spec.ts'
import {accessOf} from '../../run/run.ts'
import {BaseCommand} from '../../terminal/base-command.ts'
import {clusterFlags, outputFlag} from '../../terminal/flags.ts'
import {flagsOf, rawOf} from '../../terminal/spec-flags.ts'

export default class AuthzList extends BaseCommand {
  static override summary = 'list external authorizers, their failure mode and the policies that use them'

  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = {...flagsOf(authzListFields), ...clusterFlags, output: outputFlag(['json', 'yaml', 'wide'])}

  async run() {
    const {flags} = await this.parse(AuthzList)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return listAuthorizers(rawOf(authzListFields, flags), flags.context ?? '', run)
  }
}
