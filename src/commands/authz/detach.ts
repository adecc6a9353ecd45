import {BaseCommand} from '../../base-command.ts'
import {clusterFlags, outputFlag, wordArg, writeFlags} from '../../flags.ts'
import {detachAuthorizer} from '../../flows/authz/detach.ts'
import {openRun} from '../../flows/run.ts'
import {flagsOf, rawOf} from '../../spec-flags.ts'
import {authzDetachFields} from '../../specs/authz.ts'

export default class AuthzDetach extends BaseCommand {
  static override summary = 'take an external authorizer away: its policy, then its provider'

  static override examples = ['<%= config.bin %> <%= command.id %> ext-authz']

  static override args = {name: wordArg({about: authzDetachFields.name.about})}

  static override flags = {
    ...flagsOf(authzDetachFields),
    ...clusterFlags,
    ...writeFlags,
    output: outputFlag(['yaml', 'json', 'name', 'diff']),
  }

  async run() {
    const {args, flags} = await this.parse(AuthzDetach)
    const raw = rawOf(authzDetachFields, {...flags, ...args})
    return detachAuthorizer(raw, flags.context ?? '', openRun('authz detach', flags, this.terminal(flags)))
  }
}
