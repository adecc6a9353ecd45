import {BaseCommand} from '../../base-command.ts'
import {clusterFlags, outputFlag} from '../../flags.ts'
import {listAuthorizers} from '../../flows/authz/list.ts'
import {accessOf} from '../../flows/run.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {authzListFields} from '../../specs/authz.ts'

export default class AuthzList extends BaseCommand {
  static override summary = 'show external authorizers, what happens when they are down, and who uses them'

  static override examples = ['<%= config.bin %> <%= command.id %>']

  static override flags = {...flagsOf(authzListFields), ...clusterFlags, output: outputFlag(['json', 'yaml', 'wide'])}

  async run() {
    const {flags} = await this.parse(AuthzList)
    const run = {terminal: this.terminal(), access: accessOf(flags), output: flags.output}
    return listAuthorizers(rawOf(authzListFields, flags), flags.context ?? '', run)
  }
}
